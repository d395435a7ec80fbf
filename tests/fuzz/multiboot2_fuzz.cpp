// Fuzzes the reader of Multiboot2 information.

#include <fuzz/fuzz.hpp>
#include <lib/readers/multiboot2.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    BootInfo boot;
    static_cast<void>(multiboot2_size(bytes_of(data, size)));
    const auto facts = read_multiboot2(bytes_of(data, size), boot);
    if (facts.ok()) {
        require(facts->rsdp.size() <= size);
    }
    require_sane(boot);
    return 0;
}
