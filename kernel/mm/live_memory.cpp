// Probe and read in one section.
//
// Context: preemptible.

#include <mm/live_memory.hpp>

#include <context/atomic_scope.hpp>
#include <mm/kernel_space.hpp>

namespace fathom::mm {

// Bounds set by the linker scripts.
extern "C" const char fathom_image_begin[], fathom_image_end[];

Result<std::uint64_t> read_live_word(VirtAddr address, Preemptible here) {
    if (!is_aligned(address.value, sizeof(std::uint64_t))) {
        return Error::invalid_argument;
    }
    // The direct map leaves the image out, which in turn never goes.
    if (address >= VirtAddr::of(fathom_image_begin) && address < VirtAddr::of(fathom_image_end)) {
        return *address.as<const volatile std::uint64_t>();
    }
    IrqsOff irqs{here, window<512>};
    const Result<PhysAddr> place = translate_memory(address);
    if (!place.ok()) {
        return place.error();
    }
    return *phys_to_virt(*place).as<const volatile std::uint64_t>();
}

}  // namespace fathom::mm
