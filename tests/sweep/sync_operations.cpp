// The sweep's operations of sync. Those that wait really do: a partner ends their waiting.

#include <sweep/sweep.hpp>

#include <sched/clock.hpp>
#include <sweep/partner.hpp>
#include <sync/condition.hpp>
#include <sync/event.hpp>
#include <sync/mutex.hpp>
#include <sync/rcu.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

void ignore_callback(RcuCallback&, Preemptible) {}

// Holds a mutex until it is told that somebody is about to want it.
class Holder {
public:
    Holder(Mutex& mutex, Preemptible here) : partner_(Hold{this, &mutex}, here) {
        held_.wait(here);
    }
    void let_go_soon(Preemptible here) { release_.post(here); }

private:
    struct Hold {
        Holder* holder;
        Mutex* mutex;
        void operator()(Preemptible partner) {
            MutexHeld held{*mutex, partner};
            holder->held_.post(partner);
            holder->release_.wait(partner);
        }
    };
    Semaphore held_{0};
    Semaphore release_{0};
    Partner<Hold> partner_;
};

}  // namespace

SWEEP(Mutex_lock) {
    Mutex mutex;
    Holder holder(mutex, here);
    holder.let_go_soon(here);
    sweep.call([&](Preemptible swept) { mutex.lock(swept); });
    mutex.unlock(here);
}
SWEEP(Mutex_try_lock) {
    Mutex mutex;
    bool locked = false;
    sweep.call([&](Preemptible swept) { locked = mutex.try_lock(swept); });
    if (locked) {
        mutex.unlock(here);
    }
}
SWEEP(Mutex_lock_until) {
    Mutex mutex;
    Holder holder(mutex, here);
    const bool in_time = sweep.offset() % 2 == 0;
    if (in_time) {
        holder.let_go_soon(here);
    }
    Result<void> locked = Error::busy;
    const std::uint64_t deadline = now_ns() + (in_time ? 1'000'000'000 : 1000);
    sweep.call([&](Preemptible swept) { locked = mutex.lock_until(deadline, swept); });
    if (locked.ok()) {
        mutex.unlock(here);
    }
    if (!in_time) {
        holder.let_go_soon(here);
    }
}
SWEEP(Mutex_unlock) {
    Mutex mutex;
    mutex.lock(here);
    Partner waiter([&mutex](Preemptible partner) { MutexHeld held{mutex, partner}; }, here);
    yield(here);  // the partner queues up
    sweep.call([&](Preemptible swept) { mutex.unlock(swept); });
}
SWEEP(MutexHeld_create) {
    Mutex mutex;
    sweep.call([&](Preemptible swept) { MutexHeld held{mutex, swept}; });
}

SWEEP(Condition_wait) {
    Mutex mutex;
    Condition condition;
    bool ready = false;
    Partner notifier(
        [&](Preemptible partner) {
            MutexHeld held{mutex, partner};
            ready = true;
            condition.notify_one(partner);
        },
        here);
    sweep.call([&](Preemptible swept) {
        mutex.lock(swept);
        while (!ready) {
            condition.wait(mutex, swept);
        }
        mutex.unlock(swept);
    });
}
SWEEP(Condition_wait_until) {
    Mutex mutex;
    Condition condition;
    mutex.lock(here);
    sweep.call([&](Preemptible swept) {
        static_cast<void>(condition.wait_until(mutex, now_ns() + 1000, swept));
    });
    mutex.unlock(here);
}

// Something that a partner waits for with the mutex, and what is to be called while it waits.
template <typename Notify>
static void sweep_notify(Sweep& sweep, Notify notify, Preemptible here) {
    Mutex mutex;
    Condition condition;
    bool ready = false;
    Partner waiter(
        [&](Preemptible partner) {
            MutexHeld held{mutex, partner};
            while (!ready) {
                condition.wait(mutex, partner);
            }
        },
        here);
    yield(here);
    {
        MutexHeld held{mutex, here};
        ready = true;
    }
    sweep.call([&](Preemptible swept) { notify(condition, swept); });
}
SWEEP(Condition_notify_one) {
    sweep_notify(sweep, [](Condition& c, Preemptible swept) { c.notify_one(swept); }, here);
}
SWEEP(Condition_notify_all) {
    sweep_notify(sweep, [](Condition& c, Preemptible swept) { c.notify_all(swept); }, here);
}

SWEEP(Event_wait) {
    Event event;
    Partner setter([&event](Preemptible partner) { event.set(partner); }, here);
    sweep.call([&](Preemptible swept) { event.wait(swept); });
}
SWEEP(Event_set) {
    Event event;
    Partner waiter([&event](Preemptible partner) { event.wait(partner); }, here);
    yield(here);
    sweep.call([&](Preemptible swept) { event.set(swept); });
}

SWEEP(Semaphore_wait) {
    Semaphore semaphore{0};
    Partner poster([&semaphore](Preemptible partner) { semaphore.post(partner); }, here);
    sweep.call([&](Preemptible swept) { semaphore.wait(swept); });
}
SWEEP(Semaphore_try_wait) {
    Semaphore semaphore{1};
    sweep.call([&](Preemptible) { static_cast<void>(semaphore.try_wait()); });
}
SWEEP(Semaphore_wait_until) {
    Semaphore semaphore{0};
    sweep.call([&](Preemptible swept) {
        static_cast<void>(semaphore.wait_until(now_ns() + 1000, swept));
    });
}
SWEEP(Semaphore_post) {
    Semaphore semaphore{0};
    Partner waiter([&semaphore](Preemptible partner) { semaphore.wait(partner); }, here);
    yield(here);
    sweep.call([&](Preemptible swept) { semaphore.post(swept); });
}

SWEEP(rcu_synchronize) {
    sweep.call([](Preemptible swept) { rcu_synchronize(swept); });
}
SWEEP(rcu_defer) {
    RcuCallback callback{.run = callable<CallClass::rcu, ignore_callback>()};
    sweep.call([&](Preemptible swept) { rcu_defer(callback, swept); });
    rcu_barrier(here);
}
SWEEP(rcu_barrier) {
    sweep.call([](Preemptible swept) { rcu_barrier(swept); });
}

}  // namespace fathom
