// The timer queue: deadlines in order, each once, none after its cancellation.
//
// What would break without it: a sleeper woken twice or never; a timer on a stack that fires after
// its frame is gone.

#include <sched/timer_queue.hpp>

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <arch/thread_anchor.hpp>

namespace fathom {

namespace {
std::uint64_t armed_for = ~std::uint64_t{0};
}

// What the queue asks of the scheduler, noted down.
void interrupt_at(std::uint64_t deadline, IrqsDisabled) {
    armed_for = std::min(armed_for, deadline);
}

namespace {

const IrqsDisabled kIrqs = detail::WitnessMint::irqs_disabled();

struct Counted : Timer {
    Counted() : Timer(&Counted::fire) {}
    static void fire(Timer& timer, IrqsDisabled) {
        auto& self = static_cast<Counted&>(timer);
        ++self.fired;
        order.push_back(&self);
    }
    int fired = 0;
    static inline std::vector<Counted*> order;
};

class TimerQueueTest : public testing::Test {
protected:
    void SetUp() override {
        arch::current_thread_anchor()->cpu_index = 0;
        init_timer_queue(0);
        init_timer_queue(1);
        Counted::order.clear();
        armed_for = ~std::uint64_t{0};
    }
};

TEST_F(TimerQueueTest, FiresInTheOrderOfDeadlinesAndNotBefore) {
    Counted late;
    Counted early;
    Counted later;
    late.set(200, kIrqs);
    early.set(100, kIrqs);
    later.set(300, kIrqs);
    EXPECT_EQ(armed_for, 100u);
    EXPECT_EQ(first_timer_deadline(kIrqs), 100u);
    run_expired_timers(99, kIrqs);
    EXPECT_TRUE(Counted::order.empty());
    run_expired_timers(200, kIrqs);
    EXPECT_EQ(Counted::order, (std::vector<Counted*>{&early, &late}));
    EXPECT_EQ(first_timer_deadline(kIrqs), 300u);
    EXPECT_TRUE(later.cancel(kIrqs));
    EXPECT_EQ(first_timer_deadline(kIrqs), ~std::uint64_t{0});
}

TEST_F(TimerQueueTest, FiresEqualDeadlinesInTheOrderTheyWereSet) {
    std::vector<std::unique_ptr<Counted>> timers;
    for (int i = 0; i < 20; ++i) {
        timers.push_back(std::make_unique<Counted>());
        timers.back()->set(50, kIrqs);
    }
    run_expired_timers(50, kIrqs);
    ASSERT_EQ(Counted::order.size(), timers.size());
    for (std::size_t i = 0; i < timers.size(); ++i) {
        EXPECT_EQ(Counted::order[i], timers[i].get());
    }
}

TEST_F(TimerQueueTest, DoesNotFireWhatWasCancelledOrMoved) {
    Counted cancelled;
    Counted moved;
    cancelled.set(10, kIrqs);
    moved.set(10, kIrqs);
    moved.set(500, kIrqs);
    EXPECT_TRUE(cancelled.cancel(kIrqs));
    EXPECT_FALSE(cancelled.cancel(kIrqs));
    run_expired_timers(100, kIrqs);
    EXPECT_EQ(cancelled.fired, 0);
    EXPECT_EQ(moved.fired, 0);
    run_expired_timers(500, kIrqs);
    EXPECT_EQ(moved.fired, 1);
    EXPECT_FALSE(moved.cancel(kIrqs));
}

struct Periodic : Timer {
    Periodic() : Timer(&Periodic::fire) {}
    static void fire(Timer& timer, IrqsDisabled irqs) {
        auto& self = static_cast<Periodic&>(timer);
        ++self.fired;
        EXPECT_FALSE(self.cancel(irqs)) << "inside its own callback it is not set";
        self.set(self.deadline() + 10, irqs);
    }
    int fired = 0;
};

TEST_F(TimerQueueTest, MayBeSetAgainFromItsOwnCallback) {
    Periodic periodic;
    periodic.set(10, kIrqs);
    run_expired_timers(10, kIrqs);
    run_expired_timers(25, kIrqs);
    EXPECT_EQ(periodic.fired, 2);
    EXPECT_EQ(first_timer_deadline(kIrqs), 30u);
    EXPECT_TRUE(periodic.cancel(kIrqs));
}

TEST_F(TimerQueueTest, StaysOrderedOverRandomOperations) {
    std::mt19937_64 random(7);
    std::vector<std::unique_ptr<Counted>> timers;
    for (int i = 0; i < 300; ++i) {
        timers.push_back(std::make_unique<Counted>());
        timers.back()->set(random() % 1000, kIrqs);
    }
    for (int i = 0; i < 300; i += 3) {
        timers[static_cast<std::size_t>(i)]->cancel(kIrqs);
    }
    for (std::uint64_t now = 0; now < 1000; now += 37) {
        run_expired_timers(now, kIrqs);
        EXPECT_GT(first_timer_deadline(kIrqs), now);
    }
    run_expired_timers(1000, kIrqs);
    EXPECT_EQ(Counted::order.size(), 200u);
    for (std::size_t i = 1; i < Counted::order.size(); ++i) {
        EXPECT_LE(Counted::order[i - 1]->deadline(), Counted::order[i]->deadline());
    }
}

/// A callback that takes its time, so that another CPU's cancel() meets it.
struct Slow : Timer {
    explicit Slow(bool again) : Timer(&Slow::fire), again(again) {}
    static void fire(Timer& timer, IrqsDisabled irqs) {
        auto& self = static_cast<Slow&>(timer);
        if (self.again) {
            self.set(20, irqs);
        }
        self.inside = true;
        while (!self.may_end) {
        }
        self.touched_last = true;
    }
    const bool again;
    std::atomic<bool> inside = false;
    std::atomic<bool> may_end = false;
    bool touched_last = false;
};

/// Lets the callback run on CPU 0 while `end(slow)` is called on CPU 1, which destroys the timer
/// after that: ASan would see a later touch.
template <typename End>
void end_while_it_runs(bool again, End end) {
    for (int round = 0; round < 100; ++round) {
        auto slow = std::make_unique<Slow>(again);
        slow->set(10, kIrqs);
        std::thread cpu0([] {
            arch::current_thread_anchor()->cpu_index = 0;
            run_expired_timers(10, kIrqs);
        });
        while (!slow->inside) {
        }
        std::thread cpu1([&] {
            arch::current_thread_anchor()->cpu_index = 1;
            end(*slow);
            EXPECT_TRUE(slow->touched_last);
            slow.reset();
        });
        slow->may_end = true;
        cpu1.join();
        cpu0.join();
    }
}

TEST_F(TimerQueueTest, WaitsForACallbackThatRunsOnAnotherCpu) {
    end_while_it_runs(false, [](Timer& timer) { EXPECT_FALSE(timer.cancel(kIrqs)); });
}

TEST_F(TimerQueueTest, WaitsForACallbackThatHasSetItsTimerAgain) {
    end_while_it_runs(true, [](Timer& timer) { EXPECT_TRUE(timer.cancel(kIrqs)); });
}

TEST_F(TimerQueueTest, WaitsForACallbackThatRunsWhereTheTimerIsSetAnew) {
    end_while_it_runs(false, [](Timer& timer) {
        timer.set(30, kIrqs);
        EXPECT_TRUE(timer.cancel(kIrqs));
    });
}

}  // namespace
}  // namespace fathom
