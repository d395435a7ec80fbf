// Who loses which pages, and when.
//
// Context: the timer and the standstill: trap stack, interrupts off.

#include <adversaries/evictor.hpp>

#include <algorithm>
#include <optional>

#include <adversaries/page_taking.hpp>
#include <adversaries/site_index.hpp>
#include <adversaries/standstill.hpp>
#include <arch/context_switch.hpp>
#include <arch/timer.hpp>
#include <context/context_word.hpp>
#include <context/log.hpp>
#include <lib/proof_fact.h>
#include <mm/frame_allocator.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {
namespace {

/// Cycles from one standstill to the next: these at least, and a random part of the rest. They are
/// counted from its end: a standstill may take longer than a pause, and nobody would get on.
constexpr std::uint64_t kLeastPause = 1'000;
constexpr std::uint64_t kRandomPause = 1u << 13;
/// A stack pointer that was set elsewhere may have left pages this far below.
constexpr unsigned kPatience = 24;
/// So many parked threads are attacked at most.
constexpr std::size_t kMostParked = 64;

struct Counts {
    std::uint64_t standstills = 0;
    std::uint64_t pages = 0;
    std::uint64_t set_back = 0;  ///< sequences from load to disable
};
constinit Counts counts;
constinit std::uint64_t random_state = 0;
constinit bool stopping = false;
constinit std::uint64_t largest_window = 0;

/// xorshift (Marsaglia 2003).
std::uint64_t next_random() {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

void ring(Timer&, IrqsDisabled irqs) {
    if (!stopping) {
        request_standstill(irqs);
    }
}
constinit std::optional<Timer> timer;  // made at run time: the kernel runs no constructors

/// A thread between a prefault's load and the end of the sequence starts the sequence again: its
/// load will find the page gone and bring it back.
void set_back(arch::TrapFrame& frame) {
    const VirtAddr pc = arch::frame_pc(frame);
    const SiteRecord* const site = site_index.holding(pc);
    const bool enters = site != nullptr && (site->turn() == arch::Turn::preempt_off ||
                                            site->turn() == arch::Turn::irqs_off);
    if (enters && pc != site->pc()) {
        arch::set_frame_pc(frame, site->pc());
        ++counts.set_back;
    }
}

bool is_preemptible(const arch::TrapFrame& frame) {
    return ContextWord(arch::frame_context_word(frame)).preemptible() &&
           arch::frame_irqs_on(frame);
}

/// What the code of `frame` relies on of its thread's own stack. In a section, sp is not above
/// where it was at the site, so nothing that the site's prefault has made safe lies lower than the
/// largest window below sp. A system call is made in preemptible context, and stands elsewhere.
VirtAddr relied_on(const Thread& thread, arch::TrapFrame& frame) {
    const VirtAddr sp = arch::frame_sp(frame);
    if (const VirtAddr own = own_stack_pointer(thread, sp); own != sp) {
        return own;
    }
    if (!is_preemptible(frame)) {
        return sp - largest_window;
    }
    set_back(frame);
    return sp;
}

/// The same of a thread that called the switch.
VirtAddr relied_on(const Thread& thread, VirtAddr sp) {
    const VirtAddr own = own_stack_pointer(thread, sp);
    return own != sp ? own : sp - largest_window;
}

void take_from(Thread& thread, VirtAddr limit, IrqsDisabled irqs) {
    const mm::ThreadStack& stack = *thread.stack;
    if (limit < stack.first_page() || limit > stack.top()) {
        return;
    }
    // Every CPU stands still and forgets its translations before it goes on.
    take_pages_below(*thread.stack, limit, kPatience, irqs, [irqs](PhysAddr frame) {
        mm::free_frame(frame, irqs);
        ++counts.pages;
    });
}

void attack_parked(Thread& thread, IrqsDisabled irqs) {
    const arch::ParkedState parked = arch::parked_state(thread);
    take_from(thread,
              parked.was_interrupted ? relied_on(thread, thread.resume.frame)
                                     : relied_on(thread, parked.sp),
              irqs);
}

/// Queued, blocked or ended; one in flight may not have a record yet.
bool is_parked(const Thread& thread, std::span<const StoppedCpu> cpus) {
    const bool settled = thread.state == ThreadState::queued ||
                         thread.state == ThreadState::blocked ||
                         thread.state == ThreadState::exited;
    return settled && std::none_of(cpus.begin(), cpus.end(), [&](const StoppedCpu& cpu) {
               return cpu.thread == &thread;
           });
}

}  // namespace

void at_standstill(std::span<const StoppedCpu> cpus, IrqsDisabled irqs) {
    ++counts.standstills;
    for (const StoppedCpu& cpu : cpus) {
        if (cpu.thread->is_application()) {
            take_from(*cpu.thread, relied_on(*cpu.thread, *cpu.frame), irqs);
        }
    }
    std::size_t left = std::min(thread_count(), kMostParked);
    for (std::size_t slot = 0; slot < kMaxThreads && left != 0; ++slot) {
        if (auto* const thread = const_cast<Thread*>(thread_in_slot(slot))) {
            --left;
            if (thread->is_application() && is_parked(*thread, cpus)) {
                attack_parked(*thread, irqs);
            }
        }
    }
    if (!stopping) {
        timer->set(arch::read_cycles() + kLeastPause + next_random() % kRandomPause, irqs);
    }
}

void start_evictor(std::uint64_t seed, Preemptible here) {
    site_index.prepare();
    for (const SiteRecord& site : all_sites()) {
        largest_window = std::max<std::uint64_t>(largest_window, site.window);
    }
    random_state = (seed + 1) * 0x9e37'79b9'7f4a'7c15 | 1;
    prepare_standstills();
    timer.emplace(callable<CallClass::timer, ring>()).set(arch::read_cycles() + kLeastPause, here);
}

void finish_evictor(Preemptible here) {
    stopping = true;
    timer->cancel(here);
    log("# adversary: {} standstills, {} pages taken, {} sequences set back", counts.standstills,
        counts.pages, counts.set_back);
}

}  // namespace fathom
