// The timer queues: a tree of deadlines for each CPU.
//
// Owns:    see sched/timer_queue.hpp.
// Context: see there.

#include <sched/timer_queue.hpp>

#include <optional>

#include <arch/irq.hpp>
#include <context/atomic_scope.hpp>
#include <context/per_cpu.hpp>
#include <context/spinlock.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/scheduler.hpp>

namespace fathom {

class TimerQueue {
public:
    constexpr TimerQueue() = default;

    // Boost's tree cannot be made at compile time: its header points at itself.
    void init() { timers_.emplace(); }

    void insert(Timer& timer, std::uint64_t deadline, IrqsDisabled irqs) {
        SpinlockHeld held{lock_, irqs};
        timer.deadline_ = deadline;
        timers_->insert(timer);
        timer.queued_.store(true, std::memory_order_relaxed);
    }

    /// What a removal has found: both, where the callback that runs has set its timer again.
    struct Removal {
        bool was_set;
        bool is_running;
    };
    Removal remove(Timer& timer, IrqsDisabled irqs) {
        SpinlockHeld held{lock_, irqs};
        const bool was_set = timer.queued_.load(std::memory_order_relaxed);
        if (was_set) {
            timers_->erase(timers_->iterator_to(timer));
            timer.queued_.store(false, std::memory_order_relaxed);
        }
        return {was_set, running_ == &timer};
    }

    /// Runs one expired timer; false if there is none.
    bool run_one(std::uint64_t now, IrqsDisabled irqs) {
        Timer* timer = nullptr;
        {
            SpinlockHeld held{lock_, irqs};
            if (timers_->empty() || timers_->begin()->deadline_ > now) {
                return false;
            }
            timer = &*timers_->begin();
            timers_->erase(timers_->begin());
            timer->queued_.store(false, std::memory_order_relaxed);
            running_ = timer;
        }
        indirect_call_of<CallClass::timer>();
        timer->callback_(*timer, irqs);
        SpinlockHeld held{lock_, irqs};
        running_ = nullptr;  // the timer itself may be gone by now, or set again
        return true;
    }

    std::uint64_t first_deadline(IrqsDisabled irqs) {
        SpinlockHeld held{lock_, irqs};
        return timers_->empty() ? kNever : timers_->begin()->deadline_;
    }

    /// Takes out one timer that stands in [begin, end). True if there may be another, or one of
    /// them is running.
    bool remove_one_between(VirtAddr begin, VirtAddr end, IrqsDisabled irqs) {
        const auto between = [=](const Timer* timer) {
            return begin <= VirtAddr::of(timer) && VirtAddr::of(timer) < end;
        };
        SpinlockHeld held{lock_, irqs};
        for (Timer& timer : *timers_) {
            if (between(&timer)) {
                timers_->erase(timers_->iterator_to(timer));
                timer.queued_.store(false, std::memory_order_relaxed);
                return true;
            }
        }
        return running_ != nullptr && between(running_);
    }

    static void move_to(Timer& timer, std::uint32_t cpu_index) {
        timer.cpu_index_.store(cpu_index, std::memory_order_relaxed);
    }

private:
    struct ByDeadline {
        bool operator()(const Timer& first, const Timer& second) const {
            return first.deadline_ < second.deadline_;
        }
    };
    using Tree = boost::intrusive::multiset<Timer, boost::intrusive::compare<ByDeadline>,
                                            boost::intrusive::constant_time_size<false>>;

    IrqSpinlock lock_{LockRank::timers};
    std::optional<Tree> timers_;  ///< lock_
    Timer* running_ = nullptr;    ///< lock_; whose callback runs
};

namespace {
constinit PerCpu<TimerQueue> timer_queues;
}

void Timer::set(std::uint64_t deadline_cycles, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    set(deadline_cycles, static_cast<IrqsDisabled>(atomic));
}

// Only the queue that it leaves knows whether its callback runs. So that must have ended: cancel()
// would ask the new one.
void Timer::set(std::uint64_t deadline_cycles, IrqsDisabled irqs) {
    cancel(irqs);
    TimerQueue::move_to(*this, arch::this_cpu_index());
    timer_queues.this_cpu(irqs).insert(*this, deadline_cycles, irqs);
    interrupt_at(deadline_cycles, irqs);
}

bool Timer::cancel(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    return cancel(static_cast<IrqsDisabled>(atomic));
}

bool Timer::cancel(IrqsDisabled irqs) {
    bool was_set = false;
    for (;;) {
        const std::uint32_t cpu_index = cpu_index_.load(std::memory_order_relaxed);
        const auto removal = timer_queues.of(cpu_index).remove(*this, irqs);
        was_set |= removal.was_set;
        // On its own CPU a callback that runs is our caller.
        if (!removal.is_running || cpu_index == arch::this_cpu_index()) {
            return was_set;
        }
        arch::spin_hint();
    }
}

void run_expired_timers(std::uint64_t now_cycles, IrqsDisabled irqs) {
    while (timer_queues.this_cpu(irqs).run_one(now_cycles, irqs)) {
    }
}

std::uint64_t first_timer_deadline(IrqsDisabled irqs) {
    return timer_queues.this_cpu(irqs).first_deadline(irqs);
}

void cancel_timers_between(VirtAddr begin, VirtAddr end, Preemptible here) {
    for (CpuMask left = online_cpus(); left != 0; left &= left - 1) {
        const auto cpu = static_cast<std::uint32_t>(__builtin_ctz(left));
        for (bool more = true; more;) {
            IrqsOff atomic{here, window<1024>};
            more = timer_queues.of(cpu).remove_one_between(begin, end, atomic);
        }
    }
}

void init_timer_queue(std::uint32_t cpu_index) { timer_queues.of(cpu_index).init(); }

}  // namespace fathom
