// Threads by id: created, joined, detached, named, and forgotten.
//
// What would break without it: a value that is lost between exit and join, an id that comes to name
// somebody else, a detached thread that stays, an error that is not the one that the header says.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

void return_argument(Preemptible here, void* argument) {
    exit_thread(reinterpret_cast<std::uintptr_t>(argument), here);
}
void return_at_once(Preemptible, void*) {}
void wait_once(Preemptible here, void* semaphore) {
    static_cast<Semaphore*>(semaphore)->wait(here);
}

void* as_argument(std::uint64_t value) { return reinterpret_cast<void*>(value); }

}  // namespace

KERNEL_TEST("sched: join returns the value that the thread ended with") {
    for (const std::uint64_t value : {0ull, 1ull, ~0ull, 0x1234'5678'9abc'def0ull}) {
        const auto thread = spawn_application<return_argument>({}, as_argument(value), here);
        ASSERT_OK(test, thread);
        const auto joined = join_thread(*thread, here);
        ASSERT_OK(test, joined);
        EXPECT_EQ(test, *joined, value);
    }
    const auto thread = spawn_kernel<return_argument>({}, as_argument(7), here);
    ASSERT_OK(test, thread);
    EXPECT_EQ(test, *join_thread(*thread, here), 7u);
    const auto returned = spawn_application<return_at_once>({}, nullptr, here);
    ASSERT_OK(test, returned);
    EXPECT_EQ(test, *join_thread(*returned, here), 0u);
}

KERNEL_TEST("sched: a thread that has ended before it is joined keeps its value") {
    const auto thread = spawn_application<return_argument>({}, as_argument(42), here);
    ASSERT_OK(test, thread);
    for (unsigned tries = 0; tries < 1000; ++tries) {
        const auto status = thread_status(*thread, here);
        if (!status.ok() || status->state == ThreadState::exited) {
            break;
        }
        sleep_for(100'000, here);
    }
    const auto status = thread_status(*thread, here);
    ASSERT_OK(test, status);
    EXPECT(test, status->state == ThreadState::exited);
    const auto joined = join_thread(*thread, here);
    ASSERT_OK(test, joined);
    EXPECT_EQ(test, *joined, 42u);
}

KERNEL_TEST("sched: join and detach refuse what makes no sense") {
    EXPECT_ERROR(test, join_thread({}, here), Error::not_found);
    EXPECT_ERROR(test, join_thread({~0ull}, here), Error::not_found);
    EXPECT_ERROR(test, join_thread(current_thread().id(), here), Error::invalid_argument);
    EXPECT_ERROR(test, detach_thread({12345678}, here), Error::not_found);

    Semaphore semaphore{0};
    const auto thread = spawn_application<wait_once>({}, &semaphore, here);
    ASSERT_OK(test, thread);
    EXPECT_OK(test, detach_thread(*thread, here));
    EXPECT_ERROR(test, detach_thread(*thread, here), Error::invalid_argument);
    EXPECT_ERROR(test, join_thread(*thread, here), Error::invalid_argument);
    semaphore.post(here);
    for (unsigned tries = 0; thread_status(*thread, here).ok() && tries < 1000; ++tries) {
        sleep_for(100'000, here);
    }
    EXPECT_ERROR(test, thread_status(*thread, here), Error::not_found);
}

KERNEL_TEST("sched: a thread is joined by one only") {
    Semaphore semaphore{0};
    const auto thread = spawn_application<wait_once>({}, &semaphore, here);
    ASSERT_OK(test, thread);
    std::atomic<unsigned> values = 0;
    std::atomic<unsigned> busy = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        const auto joined = join_thread(*thread, inner);
        values.fetch_add(joined.ok());
        busy.fetch_add(!joined.ok() && joined.error() == Error::busy);
    });
    crew.start(3, {.name = "joiner"});
    while (busy.load() != 2) {
        sleep_for(100'000, here);
    }
    semaphore.post(here);
    crew.join();
    EXPECT_EQ(test, values.load(), 1u);
}

KERNEL_TEST("sched: ids are never given twice, though slots are") {
    constexpr unsigned kThreads = 300;
    static ThreadId ids[kThreads];
    for (ThreadId& id : ids) {
        const auto thread =
            spawn_application<return_at_once>({.stack_bytes = KiB(8)}, nullptr, here);
        ASSERT_OK(test, thread);
        id = *thread;
        EXPECT_OK(test, join_thread(id, here));
        EXPECT_ERROR(test, join_thread(id, here), Error::not_found);
    }
    unsigned same_slot = 0;
    for (unsigned i = 0; i < kThreads; ++i) {
        for (unsigned j = i + 1; j < kThreads; ++j) {
            EXPECT(test, ids[i] != ids[j]);
            same_slot += (ids[i].value & 0xffff) == (ids[j].value & 0xffff);
        }
    }
    EXPECT_GT(test, same_slot, 0u);
    EXPECT_ERROR(test, thread_status(ids[0], here), Error::not_found);
}

KERNEL_TEST("sched: a thread's status says what its attributes were") {
    Semaphore semaphore{0};
    const auto thread = spawn_application<wait_once>({.name = "a name of more than fifteen bytes",
                                                      .stack_bytes = KiB(16),
                                                      .priority = Priority::high,
                                                      .affinity = 1},
                                                     &semaphore, here);
    ASSERT_OK(test, thread);
    for (unsigned tries = 0; tries < 1000; ++tries) {
        const auto seen = thread_status(*thread, here);
        if (seen.ok() && seen->state == ThreadState::blocked) {
            break;
        }
        sleep_for(100'000, here);
    }
    const auto status = thread_status(*thread, here);
    ASSERT_OK(test, status);
    EXPECT(test, std::string_view(status->name) == "a name of more ");
    EXPECT(test, status->priority == Priority::high);
    EXPECT(test, status->state == ThreadState::blocked);
    EXPECT_EQ(test, status->affinity, 1u);
    EXPECT_EQ(test, status->cpu_index, 0u);
    EXPECT(test, status->application);
    EXPECT_GT(test, status->cpu_cycles, 0u);
    semaphore.post(here);
    EXPECT_OK(test, join_thread(*thread, here));
}

KERNEL_TEST("sched: an affinity without an online CPU is refused") {
    const CpuMask none = ~online_cpus();
    EXPECT_ERROR(test, spawn_application<return_at_once>({.affinity = none}, nullptr, here),
                 Error::invalid_argument);
    EXPECT_ERROR(test, set_affinity(current_thread().id(), none, here), Error::invalid_argument);
    EXPECT_ERROR(test, set_affinity({}, 1, here), Error::not_found);
}

}  // namespace fathom
