// RCU: what a reader holds stays until it has let go.
//
// What would break without it: a synchronize that returns while a reader on another CPU is still in
// its section (use after free), a callback that runs early, a barrier that returns before the
// callbacks ran.

#include <runner/test.hpp>

#include <arch/irq.hpp>
#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <mm/heap.hpp>
#include <sched/clock.hpp>
#include <sync/rcu.hpp>

namespace fathom {
namespace {

struct Shared {
    std::uint64_t first;
    std::uint64_t second;
};
constexpr std::uint64_t kDead = 0xdead'dead'dead'dead;

/// Reads twice, with some time in between.
bool read_is_whole(const RcuPointer<Shared>& pointer, Preemptible here) {
    RcuRead atomic{here, window<512>};
    const auto* const shared = static_cast<const volatile Shared*>(pointer.read(atomic));
    const std::uint64_t first = shared->first;
    for (unsigned i = 0; i < 50; ++i) {
        asm volatile("");
    }
    return first != kDead && shared->second == first;
}

/// Overwrites what nobody may read any more.
void kill(volatile Shared& shared, std::uint64_t turn) {
    shared.first = kDead;
    shared.second = turn + 1;
}

struct Callback : RcuCallback {
    std::atomic<unsigned>* ran = nullptr;
    static void count(RcuCallback& self, Preemptible) {
        static_cast<Callback&>(self).ran->fetch_add(1);
    }
};

}  // namespace

KERNEL_TEST("sync: rcu_synchronize waits for a reader on another CPU") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    std::atomic<bool> reading = false;
    std::atomic<bool> done = false;
    std::atomic<bool> release = false;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        if (number == 0) {
            RcuRead atomic{inner, window<512>};
            reading.store(true);
            while (!release.load()) {
            }
        } else {
            rcu_synchronize(inner);
            done.store(true);
        }
    });
    crew.start({.name = "reader", .affinity = 2});
    while (!reading.load()) {
        arch::spin_hint();
    }
    crew.start({.name = "writer", .affinity = 1});
    sleep_for(3'000'000, here);
    EXPECT(test, !done.load());
    release.store(true);
    crew.join();
    EXPECT(test, done.load());
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("sync: rcu_synchronize returns where nobody reads") {
    for (unsigned turn = 0; turn < 20; ++turn) {
        rcu_synchronize(here);
    }
}

KERNEL_TEST("sync: readers never see what was freed after rcu_synchronize") {
    static Shared initial{0, 0};
    initial = {1, 1};
    RcuPointer<Shared> pointer{&initial};
    std::atomic<bool> end = false;
    std::atomic<unsigned> wrong = 0;
    std::atomic<unsigned> reads = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        while (!end.load(std::memory_order_relaxed)) {
            wrong.fetch_add(!read_is_whole(pointer, inner));
            reads.fetch_add(1);
        }
    });
    crew.start(online_cpu_count(), {.name = "reader"});
    // In real time each grace period takes a turn of all readers: up to a second.
    const std::uint64_t turns = test.time_is_counted() ? 100 : 12;
    for (std::uint64_t turn = 2; turn < turns; ++turn) {
        auto* const fresh = static_cast<Shared*>(mm::heap_allocate(sizeof(Shared), here));
        ASSERT_TRUE(test, fresh != nullptr);
        *fresh = {turn, turn};
        Shared* const old = pointer.publish(fresh);
        rcu_synchronize(here);
        kill(*old, turn);
        if (old != &initial) {
            mm::heap_free(old, here);
        }
    }
    end.store(true);
    crew.join();
    EXPECT_EQ(test, wrong.load(), 0u);
    EXPECT_GT(test, reads.load(), 0u);
    mm::heap_free(pointer.publish(nullptr), here);
}

KERNEL_TEST("sync: deferred callbacks run outside reads, before rcu_barrier ends") {
    constexpr unsigned kCallbacks = 100;
    static Callback callbacks[kCallbacks];
    std::atomic<unsigned> ran = 0;
    for (Callback& callback : callbacks) {
        callback.run = callable<CallClass::rcu, Callback::count>();
        callback.ran = &ran;
    }
    unsigned early = 0;
    {
        RcuRead atomic{here, window<1024>};
        for (unsigned i = 0; i < kCallbacks / 2; ++i) {
            rcu_defer(callbacks[i], static_cast<Atomic>(atomic));
        }
        early = ran.load();
    }
    EXPECT_EQ(test, early, 0u);
    for (unsigned i = kCallbacks / 2; i < kCallbacks; ++i) {
        rcu_defer(callbacks[i], here);
    }
    rcu_barrier(here);
    EXPECT_EQ(test, ran.load(), kCallbacks);
    rcu_barrier(here);  // with nothing to wait for
}

}  // namespace fathom
