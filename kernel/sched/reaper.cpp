// The reaper: frees detached threads that have ended.
//
// A thread's stack goes back to mm in preemptible context only (its pages are unmapped, which may
// wait for other CPUs), so an ending thread cannot do it, nor can whoever runs next.
//
// Owns:    the list of the dead, the reaper's thread.
// Context: the thread is a kernel thread, preemptible.
// Story:   comes from exit_thread(); goes on in free_thread().

#include <context/atomic_scope.hpp>
#include <sched/scheduler.hpp>
#include <sched/spawn.hpp>
#include <sched/thread_life.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

namespace {

constinit WaitQueue reaper_waits;      // its lock protects `dead`, too
constinit NodeList<Thread> dead;

/// The next dead thread; waits for one.
Thread& next_dead(Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    for (;;) {
        reaper_waits.lock(atomic);
        if (!dead.empty()) {
            Thread& thread = dead.take_first();
            reaper_waits.unlock(atomic);
            return thread;
        }
        reaper_waits.block(atomic);
    }
}

void reap_for_ever(Preemptible here, void*) {
    for (;;) {
        free_thread(next_dead(here), here);
    }
}

}  // namespace

void give_to_reaper(Thread& thread, IrqsDisabled irqs) {
    reaper_waits.lock(irqs);
    dead.push_back(thread);
    Thread* const reaper = reaper_waits.take_first(irqs);
    reaper_waits.unlock(irqs);
    if (reaper != nullptr) {
        make_runnable(*reaper, irqs);
    }
}

Result<void> start_reaper(Preemptible here) {
    // High, so that dead threads do not pile up while others create new ones.
    const Result<ThreadId> id = spawn_kernel<reap_for_ever>(
        {.name = "reaper", .priority = Priority::high, .detached = true}, nullptr, here);
    return id.ok() ? Result<void>() : Result<void>(id.error());
}

}  // namespace fathom
