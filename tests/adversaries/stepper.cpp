// Who is stepped, and the debug trap after each instruction.
//
// A thread asks for it itself: it interrupts its own CPU (Ipi::inspection), and the handler sets
// the flag in the frame. So the kernel needs no code that sets such flags, and every instruction
// from the interrupted one on is seen. It ends in the same way, in a step's own trap.
//
// Context: debug traps and inspections come on trap stacks, interrupts off. The interrupted code
//          may hold any lock: nothing here takes one, or allocates.

#include <adversaries/stepper.hpp>

#include <array>
#include <atomic>

#include <adversaries/adversary.hpp>
#include <adversaries/shadow.hpp>
#include <adversaries/site_index.hpp>
#include <adversaries/step_evictor.hpp>
#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/single_step.hpp>
#include <context/atomic_scope.hpp>
#include <context/lazy_range.hpp>
#include <context/log.hpp>
#include <context/online_cpus.hpp>
#include <lib/proof_fact.h>
#include <sched/thread.hpp>
#include <sched/trap_dispatch.hpp>

namespace fathom {
namespace {

/// A thread that is being stepped, or a free place.
struct SteppedThread {
    enum class State : std::uint8_t { idle, wanted, stepping, unwanted };

    std::atomic<std::uint64_t> id = 0;  ///< of the thread; 0: free
    std::atomic<State> state = State::idle;
    ShadowThread shadow;
    StepEvictor evictor;
};
using State = SteppedThread::State;

constinit std::array<SteppedThread, 64> stepped_threads;
constinit std::atomic<std::uint64_t> steps = 0;
constinit std::atomic<std::uint64_t> scopes = 0;
constinit std::atomic<CpuMask> ready_cpus = 0;

std::size_t home_of(std::uint64_t id) { return id % stepped_threads.size(); }

SteppedThread* find_stepped(std::uint64_t id) {
    for (std::size_t i = 0; i < stepped_threads.size(); ++i) {
        SteppedThread& place = stepped_threads[(home_of(id) + i) % stepped_threads.size()];
        if (place.id.load(std::memory_order_relaxed) == id) {
            return &place;
        }
    }
    return nullptr;
}

SteppedThread& claim_place(std::uint64_t id) {
    for (std::size_t i = 0; i < stepped_threads.size(); ++i) {
        SteppedThread& place = stepped_threads[(home_of(id) + i) % stepped_threads.size()];
        std::uint64_t free = 0;
        if (place.id.compare_exchange_strong(free, id)) {
            return place;
        }
    }
    PANIC("more threads are stepped at once than the {} there is room for",
          stepped_threads.size());
}

void interrupt_this_cpu(Preemptible here) {
    IrqsOff atomic{here, window<512>};
    arch::send_ipi(arch::this_cpu_index(), arch::Ipi::inspection);
}

void inspect(arch::TrapFrame& frame, IrqsDisabled) {
    arch::allow_single_step();
    ready_cpus.fetch_or(CpuMask{1} << arch::this_cpu_index());
    SteppedThread* const thread = find_stepped(current_thread().thread_id);
    if (thread != nullptr && thread->state.load(std::memory_order_relaxed) == State::wanted) {
        thread->shadow.begin(frame);
        arch::start_stepping(frame);
        thread->state.store(State::stepping, std::memory_order_release);
    }
}

/// The thread leaves its CPU by fathom_switch: for good, or to be stepped again later.
void leave_cpu(SteppedThread& stepped, arch::TrapFrame& frame) {
    Thread& thread = current_thread();
    arch::stop_stepping(frame);
    if (thread.state == ThreadState::exited) {
        stepped.state.store(State::idle, std::memory_order_relaxed);
        stepped.id.store(0, std::memory_order_release);
        return;
    }
    arch::resume_stepped(thread, frame);
    stepped.shadow.go_on_from(thread.resume.frame);
}

void follow(SteppedThread& stepped, arch::TrapFrame& frame, IrqsDisabled irqs) {
    const Finding finding = stepped.shadow.step(frame);
    if (adversary() == Adversary::shadow && finding.kind != Finding::Kind::none) {
        report_finding(finding, frame);
    }
    if (adversary() == Adversary::step_evict) {  // which leaves the finding to the hardware
        stepped.evictor.evict_below(stepped.shadow.relies_on(), irqs);
    }
    arch::step_again(frame);
}

bool take_step(arch::TrapFrame& frame, IrqsDisabled irqs) {
    if (!arch::take_single_step()) {
        return false;
    }
    steps.fetch_add(1, std::memory_order_relaxed);
    SteppedThread* const stepped = find_stepped(current_thread().thread_id);
    if (stepped == nullptr || stepped->shadow.has_left() ||
        !in_lazy_range(arch::frame_sp(frame).value)) {
        arch::stop_stepping(frame);
    } else if (stepped->state.load(std::memory_order_relaxed) == State::unwanted) {
        arch::stop_stepping(frame);
        stepped->state.store(State::idle, std::memory_order_release);
    } else if (arch::frame_pc(frame) == arch::parked_in_switch()) {
        leave_cpu(*stepped, frame);
    } else {
        follow(*stepped, frame, irqs);
    }
    return true;
}

bool steps_threads() {
    return adversary() == Adversary::shadow || adversary() == Adversary::step_evict;
}

}  // namespace

Stepped::Stepped(Preemptible here) : here_(here) {
    if (!steps_threads()) {
        return;
    }
    SteppedThread& stepped = claim_place(current_thread().thread_id);
    if (adversary() == Adversary::step_evict) {
        stepped.evictor.prepare(here);
    }
    stepped.state.store(State::wanted, std::memory_order_relaxed);
    while (stepped.state.load(std::memory_order_acquire) != State::stepping) {
        interrupt_this_cpu(here);  // again, should we have been moved before it came
    }
    scopes.fetch_add(1, std::memory_order_relaxed);
}

Stepped::~Stepped() {
    if (!steps_threads()) {
        return;
    }
    SteppedThread& stepped = *find_stepped(current_thread().thread_id);
    stepped.state.store(State::unwanted, std::memory_order_relaxed);
    while (stepped.state.load(std::memory_order_acquire) != State::idle) {
        arch::spin_hint();  // the step after this very instruction sees it
    }
    if (adversary() == Adversary::step_evict) {
        stepped.evictor.end(here_);
    }
    stepped.id.store(0, std::memory_order_release);
}

void start_stepper(Preemptible here) {
    site_index.prepare();
    set_debug_trap_observer(callable<CallClass::debug_trap, take_step>());
    set_inspection_observer(callable<CallClass::inspection, inspect>());
    PreemptOff atomic{here, window<512>};
    for (std::uint32_t cpu = 0; online_cpus() >> cpu != 0; ++cpu) {
        arch::send_ipi(cpu, arch::Ipi::inspection);
    }
    while (ready_cpus.load() != online_cpus()) {
        arch::spin_hint();
    }
}

void finish_stepper(Preemptible here) {
    std::uint64_t taken = 0;
    for (SteppedThread& stepped : stepped_threads) {
        stepped.evictor.free_frames(here);
        taken += stepped.evictor.taken();
    }
    log("# adversary: {} instructions stepped in {} scopes, {} pages taken", steps.load(),
        scopes.load(), taken);
    site_index.print();
}

}  // namespace fathom
