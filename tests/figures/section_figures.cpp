// What an empty section costs, and what may stand in one: a read of an RCU pointer, an event, a
// timer. And a system call that does nothing.

#include <figures/measure.hpp>

#include <context/atomic_scope.hpp>
#include <lib/proof_fact.h>
#include <sched/system_call.hpp>
#include <sched/timer_queue.hpp>
#include <sync/rcu.hpp>
#include <trace/event.hpp>

namespace fathom {
namespace {

constinit int published = 1;
constinit RcuPointer<int> pointer{&published};

void never_fires(Timer&, IrqsDisabled) { PANIC("a timer fired that was cancelled"); }

void measure_events() {
    const auto event = [] { trace::emit(trace::Wake{.thread = 1, .cpu = 0}); };
    print_cost("trace_off", measure(event));
    trace::set_enabled(true);
    print_cost("trace_on", measure(event));
    trace::set_enabled(false);
}

}  // namespace

void measure_sections(Preemptible here) {
    print_cost("preempt_pair", measure([here] { PreemptOff atomic{here, window<512>}; }));
    print_cost("irqs_pair", measure([here] { IrqsOff atomic{here, window<512>}; }));
    print_cost("nested_pair", measure([here] {
                   PreemptOff outer{here, window<512>};
                   PreemptOff atomic{nested_in(outer)};
               }));
    print_cost("unknown_pair", measure([] { PreemptOff atomic{unknown_context, window<512>}; }));
    print_cost("rcu_read", measure([here] {
                   RcuRead atomic{here, window<256>};
                   static_cast<void>(*static_cast<volatile int*>(pointer.read(atomic)));
               }));
    measure_events();
    Timer timer(callable<CallClass::timer, &never_fires>());
    print_cost("timer_set_cancel", measure([&timer, here] {
                   timer.set(arch::read_cycles() + (1ull << 40), here);
                   timer.cancel(here);
               }));
    // Its cold row is a thread's first call, which makes the stack.
    print_cost("syscall", measure([here] {
                   static_cast<void>(system_call(SystemCall::nothing, {}, here));
               }));
}

}  // namespace fathom
