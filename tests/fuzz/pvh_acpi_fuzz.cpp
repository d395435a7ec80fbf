// Fuzzes the readers of PVH start information and ACPI tables: the input is physical memory from 0
// on, with the start information at its begin and the RSDP wherever that says.

#include <host/lib/blob.hpp>
#include <fuzz/fuzz.hpp>
#include <lib/readers/acpi.hpp>
#include <lib/readers/pvh.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    const ArrayMemory memory{0, bytes_of(data, size)};
    BootInfo boot;
    const auto facts = read_pvh(memory, {0}, boot);
    const PhysAddr rsdp = facts.ok() ? facts->rsdp : PhysAddr{56};
    const auto madt = read_acpi(memory, rsdp_at(memory, rsdp), 0, boot);
    if (madt.ok()) {
        require(boot.cpu_count >= 1);
        require(madt->io_apic_count <= MadtFacts::kMaxIoApics);
    }
    // The checksums keep mutations out of the tables' insides: read one without them, too.
    static_cast<void>(read_madt(bytes_of(data, size), 0, boot));
    require_sane(boot);
    return 0;
}
