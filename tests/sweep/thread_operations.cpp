// The sweep's operations of context and sched: threads, time, timers, the console.

#include <sweep/sweep.hpp>

#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <context/log.hpp>
#include <sched/clock.hpp>
#include <sched/console_input.hpp>
#include <sched/quiescence.hpp>
#include <sched/signal.hpp>
#include <sched/spawn.hpp>
#include <sched/system_call.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/timer_queue.hpp>
#include <sched/trim.hpp>
#include <sweep/partner.hpp>

namespace fathom {
namespace {

void ignore_callback(RcuCallback&, Preemptible) {}

void nothing(Preemptible, void*) {}

ThreadId spawn_short(Preemptible here) {
    return *spawn_application<nothing>({.name = "short", .stack_bytes = KiB(64)}, nullptr, here);
}

void do_nothing_later(Timer&, IrqsDisabled) {}

void exit_here(void*) {
    const Stepped stepped(Preemptible::at_api_boundary());
    exit_thread(0, Preemptible::at_api_boundary());
}

// Ends at a swept stack pointer of its own: exit_thread() never comes back to be called again.
void exit_at_offset(Preemptible, void* argument) {
    const auto offset = *static_cast<const unsigned*>(argument);
    const std::uint64_t sp =
        align_down(arch::stack_pointer(), kPageSize) - 8 * kPageSize + offset * 16;
    fathom_call_at(sp, callable<CallClass::call_at, exit_here>(), nullptr);
}

}  // namespace

SWEEP(log_part) {
    sweep.call([](Preemptible swept) { log_part({}, swept); });
}

SWEEP(preempt_here) {
    sweep.call([](Preemptible) { preempt_here(); });
}
SWEEP(Preemptible_at_api_boundary) {
    sweep.call([](Preemptible) { static_cast<void>(Preemptible::at_api_boundary()); });
}

SWEEP(yield) {
    Partner other([](Preemptible partner) { yield(partner); }, here);
    sweep.call([](Preemptible swept) { yield(swept); });
}
SWEEP(system_call) {
    free_system_call_stack(current_thread(), here);  // the first call, and then again as the second
    sweep.call([](Preemptible swept) {
        static_cast<void>(system_call(SystemCall::yield, {}, swept));
    });
}
SWEEP(free_system_call_stack) {
    static_cast<void>(system_call(SystemCall::nothing, {}, here));
    sweep.call([](Preemptible swept) { free_system_call_stack(current_thread(), swept); });
}

SWEEP(sleep_until) {
    sweep.call([](Preemptible swept) { sleep_until(now_ns() + 1000, swept); });
}
SWEEP(sleep_for) {
    sweep.call([](Preemptible swept) { sleep_for(1000, swept); });
}
SWEEP(read_console) {
    Partner typist(
        [](Preemptible partner) {
            IrqsOff atomic{partner, window<1024>};
            put_console_input('x', atomic);
        },
        here);
    sweep.call([](Preemptible swept) { static_cast<void>(read_console(swept)); });
}

SWEEP(spawn_application) {
    Result<ThreadId> thread = Error::busy;
    sweep.call([&](Preemptible swept) {
        thread =
            spawn_application<nothing>({.name = "swept", .stack_bytes = KiB(64)}, nullptr, swept);
    });
    static_cast<void>(join_thread(*thread, here));
}
SWEEP(spawn_kernel) {
    Result<ThreadId> thread = Error::busy;
    sweep.call([&](Preemptible swept) {
        thread = spawn_kernel<nothing>({.name = "swept"}, nullptr, swept);
    });
    static_cast<void>(join_thread(*thread, here));
}
SWEEP(exit_thread) {
    const unsigned offset = sweep.offset();
    ThreadId thread;
    sweep.call([&](Preemptible swept) {
        thread = *spawn_application<exit_at_offset>({.name = "exits", .stack_bytes = KiB(64)},
                                                    const_cast<unsigned*>(&offset), swept);
    });
    static_cast<void>(join_thread(thread, here));
}
SWEEP(join_thread) {
    const ThreadId thread = spawn_short(here);
    sweep.call([&](Preemptible swept) { static_cast<void>(join_thread(thread, swept)); });
}
SWEEP(detach_thread) {
    const ThreadId thread = spawn_short(here);
    sweep.call([&](Preemptible swept) { static_cast<void>(detach_thread(thread, swept)); });
    yield(here);
}
SWEEP(set_affinity) {
    const CpuMask target = CpuMask{1} << (sweep.offset() % online_cpu_count());
    sweep.call([&](Preemptible swept) {
        static_cast<void>(set_affinity(current_thread().id(), target, swept));
    });
    static_cast<void>(set_affinity(current_thread().id(), kAllCpus, here));
}
SWEEP(set_priority) {
    sweep.call([&](Preemptible swept) {
        static_cast<void>(set_priority(current_thread().id(), Priority::normal, swept));
    });
}
SWEEP(thread_status) {
    sweep.call([&](Preemptible swept) {
        static_cast<void>(thread_status(current_thread().id(), swept));
    });
}

SWEEP(trim_stacks) {
    sweep.call([](Preemptible swept) { static_cast<void>(trim_stacks(swept)); });
}
SWEEP(trim_thread) {
    sweep.call([&](Preemptible swept) {
        static_cast<void>(trim_thread(current_thread().id(), swept));
    });
}

SWEEP(Timer_set) {
    Timer timer(callable<CallClass::timer, do_nothing_later>());
    sweep.call([&](Preemptible swept) { timer.set(arch::read_cycles() + 100'000'000, swept); });
    timer.cancel(here);
}
SWEEP(Timer_cancel) {
    Timer timer(callable<CallClass::timer, do_nothing_later>());
    timer.set(arch::read_cycles() + 100'000'000, here);
    sweep.call([&](Preemptible swept) { timer.cancel(swept); });
}
SWEEP(Signal_wait) {
    Signal signal;
    Partner other(
        [&signal](Preemptible partner) {
            IrqsOff atomic{partner, window<1024>};
            signal.raise(atomic);
        },
        here);
    sweep.call([&](Preemptible swept) { signal.wait(swept); });
}

SWEEP(wait_for_quiescence) {
    sweep.call([](Preemptible swept) { wait_for_quiescence(swept); });
}
SWEEP(defer_until_quiescent) {
    RcuCallback callback{.run = callable<CallClass::rcu, ignore_callback>()};
    sweep.call([&](Preemptible swept) { defer_until_quiescent(callback, swept); });
    wait_for_deferred(here);
}
SWEEP(wait_for_deferred) {
    RcuCallback callback{.run = callable<CallClass::rcu, ignore_callback>()};
    defer_until_quiescent(callback, here);
    sweep.call([](Preemptible swept) { wait_for_deferred(swept); });
}

}  // namespace fathom
