// The growth reserve's refill.
//
// Context: as the header says.

#include <mm/growth_reserve.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <mm/direct_map.hpp>
#include <mm/frame_allocator.hpp>

namespace fathom::mm {

constinit PerCpu<GrowthReserve> GrowthReserve::reserves_;

bool GrowthReserve::add(PhysAddr frame, IrqsDisabled) {
    if (count_ == kTarget) {
        return false;
    }
    frames_[count_++] = frame;
    return true;
}

void refill_growth_reserve(Preemptible here) {
    for (bool full = false; !full;) {
        const Result<PhysAddr> frame = allocate_frame(here);
        if (!frame.ok()) {
            return;
        }
        arch::zero_page(phys_to_virt(*frame).as());
        IrqsOff irqs{on_kernel_thread};
        GrowthReserve& reserve = GrowthReserve::this_cpu(irqs);
        full = !reserve.add(*frame, irqs);
        if (full) {
            free_frame(*frame, static_cast<IrqsDisabled>(irqs));
        }
    }
}

}  // namespace fathom::mm
