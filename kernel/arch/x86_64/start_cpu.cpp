// Starting another CPU: INIT, then the address to start at (SDM vol. 3A, 9.4.4).
//
// Owns:    start_cpu(), install_start_code(), and the table in which a starting CPU finds itself.
// Context: boot CPU.
// Story:   goes on in secondary_start.S on the other CPU, then main/secondary.cpp.

#include <arch/cpu_local.hpp>

#include <arch/tlb.hpp>
#include <native/local_apic.hpp>
#include <native/local_timer.hpp>

extern "C" {
// The code between these symbols, in secondary_start.S, is copied to a page below 1 MiB.
extern const std::byte fathom_start_code_begin[];
extern const std::byte fathom_start_code_end[];

// Read by secondary_start.S: which CPU has which local APIC id, and its stack.
constinit std::uint8_t fathom_start_index[256] = {};
constinit std::uint64_t fathom_start_stack[fathom::kMaxCpus] = {};
constinit std::uint64_t fathom_start_page_table = 0;
}

namespace fathom::arch {
namespace {

constexpr HardwareCpuId kLargestApicId = 254;  // 255 means "all" in xAPIC mode

// Much less than the 10 ms of the MP specification, which was for a chip beside the CPU; a CPU with
// a local APIC of its own takes INIT at once.
constexpr unsigned kInitMicroseconds = 200;
constexpr unsigned kStartupMicroseconds = 200;

/// Where the start code lies; 0 where there was no place for it. Constant from kernel_main on.
constinit PhysAddr start_page{};

}  // namespace

void install_start_code(PhysAddr page) {
    const auto size = static_cast<std::size_t>(fathom_start_code_end - fathom_start_code_begin);
    __builtin_memcpy(VirtAddr{DIRECT_MAP_BASE + page.value}.as<>(), fathom_start_code_begin, size);
    start_page = page;
}

Result<void> start_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle,
                       VirtAddr stack_top) {
    if (index >= kMaxCpus || id > kLargestApicId || start_page.value == 0) {
        return Error::unsupported;
    }
    const auto apic_id = static_cast<std::uint32_t>(id);
    cpu_locals[index].current = &idle;
    cpu_locals[index].apic_id = apic_id;
    fathom_start_index[apic_id] = static_cast<std::uint8_t>(index);
    fathom_start_stack[index] = stack_top.value;
    fathom_start_page_table = loaded_page_table().value;

    const auto page = static_cast<std::uint32_t>(start_page.frame_number());
    send_apic_command(apic_id, ApicCommand::init, 0);
    spin_for_microseconds(kInitMicroseconds);
    // Twice, as the SDM has it; a CPU that has started takes no notice of the second.
    for (int i = 0; i < 2; ++i) {
        send_apic_command(apic_id, ApicCommand::startup, page);
        spin_for_microseconds(kStartupMicroseconds);
    }
    return {};
}

/// Where secondary_start.S enters C++, on the CPU's idle stack and with the kernel's page table.
extern "C" [[noreturn]] void fathom_secondary_start(std::uint32_t index) {
    early_cpu_setup(index, cpu_locals[index].current);
    secondary_main(index);
}

}  // namespace fathom::arch
