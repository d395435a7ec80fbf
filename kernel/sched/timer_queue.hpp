// Things that happen at a time: per CPU, ordered by deadline.
//
//     struct Alarm : Timer { ... };          // embed or derive; on a stack, too
//     timer.set(deadline_cycles, here);      // on the CPU that sets it
//     timer.cancel(here);                    // from any CPU; afterwards its callback does not run
//
// Owns:    Timer, the timer queues.
// Context: see each. Callbacks run in interrupt context.
// Story:   the local timer's interrupt comes through trap_dispatch.cpp and tick.cpp to
//          run_expired_timers().

#pragma once

#include <atomic>
#include <cstdint>

#include <boost/intrusive/set.hpp>

#include <context/witness.hpp>
#include <lib/proof_fact.h>
#include <lib/units.hpp>

namespace fathom {

/// One deadline and what to do then. Not set and cancelled by two threads at once: its owner sees
/// to it.
class Timer : public boost::intrusive::set_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::normal_link>> {
public:
    /// Runs on the CPU that set the timer. It may set the timer again, and whoever owns the timer
    /// may destroy it as soon as cancel() returns.
    using Callback = void (*)(Timer&, IrqsDisabled);

    /// `callback` is registered: callable<CallClass::timer, function>().
    explicit Timer(Callback callback) : callback_(callback) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Fires when arch::read_cycles() reaches `deadline_cycles`; one that was set already is
    /// cancelled first.
    /// Context: preemptible, may fault.
    void set(std::uint64_t deadline_cycles, Preemptible here);
    /// Context: atomic, interrupts off; no lock held that its callback takes.
    void set(std::uint64_t deadline_cycles, IrqsDisabled irqs);

    /// True if it was set and will not fire now. If its callback is running on another CPU, waits
    /// for its end.
    /// Context: preemptible, may fault.
    bool cancel(Preemptible here);
    /// Context: atomic, interrupts off; no lock held that its callback takes.
    bool cancel(IrqsDisabled irqs);

    std::uint64_t deadline() const { return deadline_; }

private:
    friend class TimerQueue;

    std::uint64_t deadline_ = 0;     ///< the queue's lock
    Callback callback_;              ///< constant
    std::atomic<std::uint32_t> cpu_index_ = 0;  ///< whose queue; written by set()
    std::atomic<bool> queued_ = false;  ///< the queue's lock
};

/// Runs the timers of this CPU whose deadline is not after `now`.
/// Context: exception stack, interrupts off.
void run_expired_timers(std::uint64_t now_cycles, IrqsDisabled irqs);

/// The first deadline of this CPU, or ~0.
/// Context: atomic, interrupts off.
std::uint64_t first_timer_deadline(IrqsDisabled irqs);

/// Cancels every timer that stands in [begin, end): the stack of a thread that will not do it.
/// Context: preemptible, may fault; inside sched.
void cancel_timers_between(VirtAddr begin, VirtAddr end, Preemptible here);

/// Makes the CPU's queue usable.
/// Context: once per CPU, before it runs threads.
void init_timer_queue(std::uint32_t cpu_index);

}  // namespace fathom
