// No CPU runs threads without the thread that finds memory for their stacks.
//
// What would break without it: a CPU that comes later than it is waited for (boots.*.late_cpus has
// them all come late) goes online alone, and a thread there whose fault finds no frame waits for
// ever.

#include <runner/test.hpp>

#include <string_view>

#include <context/atomic_scope.hpp>
#include <context/online_cpus.hpp>
#include <sched/clock.hpp>
#include <sched/thread_table.hpp>

namespace fathom {
namespace {

/// The CPUs whose refill thread exists.
CpuMask refilled_cpus(Preemptible here) {
    CpuMask cpus = 0;
    for (std::size_t slot = 0;; ++slot) {
        IrqsOff atomic{here, window<1024>};
        SpinlockHeld held{thread_table_lock, atomic};
        if (slot >= thread_slots(atomic)) {
            return cpus;
        }
        const Thread* const thread = thread_of_slot(slot, atomic);
        if (thread != nullptr && thread->name() == std::string_view("refill")) {
            cpus |= thread->affinity;
        }
    }
}

}  // namespace

KERNEL_TEST("main: each CPU that is online has a thread that refills it") {
    sleep_for(5'000'000, here);  // whoever is late shall have come by then
    EXPECT_EQ(test, refilled_cpus(here), online_cpus());
}

}  // namespace fathom
