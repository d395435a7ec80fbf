// The frame reserve off its fast path: running low, running dry, filling up.
//
// Owns:    the reserves of all CPUs.
// Context: interrupts off, except refill_reserve().
// Story:   comes from a stack fault; request_reserve_refill() wakes the thread that comes back
//          here.

#include <mm/frame_reserve.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <mm/frame_allocator.hpp>
#include <trace/event.hpp>

namespace fathom::mm {

constinit PerCpu<FrameReserve> FrameReserve::reserves_;
constinit std::atomic<bool> FrameReserve::refills_held_ = false;

PhysAddr FrameReserve::take_low(IrqsDisabled irqs) {
    if (!refill_requested_ && !refills_held_.load(std::memory_order_relaxed)) {
        refill_requested_ = true;
        request_reserve_refill(irqs);
    }
    if (count_ != 0) {
        return frames_[count_--];
    }
    const Result<PhysAddr> frame = allocate_frame_in_fault(irqs);
    if (!frame.ok()) {
        return PhysAddr{0};
    }
    arch::zero_page(phys_to_virt(*frame).as());
    return *frame;
}

bool FrameReserve::add(PhysAddr frame) {
    if (count_ == kTarget) {
        return false;
    }
    frames_[++count_] = frame;
    return true;
}

void FrameReserve::give_back(PhysAddr frame, IrqsDisabled irqs) {
    if (!add(frame)) {
        free_frame(frame, irqs);
    }
}

bool refill_reserve(Preemptible here) {
    for (;;) {
        const Result<PhysAddr> frame = allocate_frame(here);
        if (frame.ok()) {
            arch::zero_page(phys_to_virt(*frame).as());
        }
        IrqsOff irqs{here, window<1024>};
        FrameReserve& reserve = FrameReserve::this_cpu(irqs);
        if (!frame.ok()) {
            reserve.refill_requested_ = false;
            return false;
        }
        if (!reserve.add(*frame)) {
            free_frame(*frame, static_cast<IrqsDisabled>(irqs));
        }
        if (!reserve.needs_refill()) {
            reserve.refill_requested_ = false;
            trace::emit(trace::ReserveRefill{.frames = reserve.count(), .waiters = 0});
            return true;
        }
    }
}

Result<void> init_reserve(std::uint32_t cpu_index, IrqsDisabled irqs) {
    FrameReserve& reserve = FrameReserve::reserves_.of(cpu_index);
    while (reserve.needs_refill()) {
        const PhysAddr frame = FATHOM_TRY(allocate_frame(irqs));
        arch::zero_page(phys_to_virt(frame).as());
        reserve.add(frame);
    }
    return {};
}

void drop_reserve(std::uint32_t cpu_index, IrqsDisabled irqs) {
    FrameReserve& reserve = FrameReserve::reserves_.of(cpu_index);
    while (reserve.count_ != 0) {
        free_frame(reserve.frames_[reserve.count_--], irqs);
    }
}

std::uint64_t stack_faults_served() {
    std::uint64_t sum = 0;
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        sum += FrameReserve::of(cpu).stack_faults();
    }
    return sum;
}

}  // namespace fathom::mm
