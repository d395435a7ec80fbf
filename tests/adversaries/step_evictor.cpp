// Taking the pages of a stepped thread.
//
// Context: see step_evictor.hpp.

#include <adversaries/step_evictor.hpp>

#include <adversaries/page_taking.hpp>
#include <arch/cpu_local.hpp>
#include <mm/shootdown.hpp>
#include <sched/thread.hpp>

namespace fathom {

void StepEvictor::prepare(Preemptible here) {
    Thread& self = current_thread();
    affinity_before_ = self.affinity;
    cpu_ = self.cpu_index;
    ASSERT(set_affinity(self.id(), CpuMask{1} << cpu_, here).ok(), "CPU {} went away", cpu_);
    stack_ = self.stack;
    mm::shootdown_and_wait(stack_->first_page(),
                           PageCount((stack_->top() - stack_->first_page()) / kPageSize),
                           mm::Unlinked::tables_too, here);
}

void StepEvictor::end(Preemptible here) {
    free_frames(here);
    static_cast<void>(set_affinity(current_thread().id(), affinity_before_, here));
}

void StepEvictor::free_frames(Preemptible here) { mm::free_frame_list(frames_, here); }

void StepEvictor::evict_below(VirtAddr limit, IrqsDisabled irqs) {
    if (arch::this_cpu_index() != cpu_ || frames_.count > kMostPages) {
        stack_ = nullptr;
    }
    if (stack_ == nullptr) {
        return;
    }
    constexpr unsigned kPatience = 2;  // a frame of more than a page may leave one out
    take_pages_below(*stack_, limit, kPatience, irqs, [this](PhysAddr frame) {
        frames_.push(frame);
        ++taken_;
    });
}

}  // namespace fathom
