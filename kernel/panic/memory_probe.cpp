// Asking the page tables before reading.
//
// Context: any.

#include <panic/memory_probe.hpp>

#include <mm/kernel_space.hpp>

namespace fathom {

// Bounds set by the linker scripts.
extern "C" const char fathom_image_begin[];
extern "C" const char fathom_image_end[];

bool is_readable(VirtAddr address) {
    // The image is mapped from the first instruction on, when mm knows nothing yet.
    if (address >= VirtAddr::of(fathom_image_begin) && address < VirtAddr::of(fathom_image_end)) {
        return true;
    }
    if (mm::kernel_table.root().value == 0) {
        return false;
    }
    // A device's registers are mapped as well, but reading one can change it.
    const auto protection = mm::protection_of(address);
    return protection.ok() && *protection != arch::Protection::device;
}

bool read_word(VirtAddr address, std::uint64_t& out) {
    if (!is_aligned(address.value, sizeof(std::uint64_t)) || !is_readable(address)) {
        return false;
    }
    out = *address.as<const volatile std::uint64_t>();
    return true;
}

}  // namespace fathom
