// System calls: exactly back from each, whatever happened in it.
//
// What would break without it: a register or flag that comes back changed, an answer that is
// another thread's, a call that cannot be left by a switch or come back from one.

#include <runner/test.hpp>

#include <arch/context_switch.hpp>
#include <arch/cpu_local.hpp>
#include <context/lazy_range.hpp>
#include <kernel/support/new_thread.hpp>
#include <kernel/support/quiet.hpp>
#include <sched/clock.hpp>
#include <sched/system_call.hpp>

namespace fathom {

extern "C" {
std::uint64_t fathom_test_system_call_holding(const std::uint64_t* in, std::uint64_t* out,
                                              std::uint64_t number);
extern const std::uint64_t fathom_test_kept_registers;
}

namespace {

constexpr std::uint64_t number_of(SystemCall call) { return static_cast<std::uint64_t>(call); }

void expect_registers_kept(TestContext& test, SystemCall call, std::uint64_t seed) {
    std::uint64_t in[32];
    std::uint64_t out[32] = {};
    for (unsigned i = 0; i < 32; ++i) {
        in[i] = seed * 0x9e37'79b9'7f4a'7c15 + i * 0x0101'0101'0101'0101;
    }
    EXPECT_EQ(test, fathom_test_system_call_holding(in, out, number_of(call)), 0u);
    for (unsigned i = 0; i < fathom_test_kept_registers; ++i) {
        EXPECT_EQ(test, in[i], out[i]);
    }
}

}  // namespace

KERNEL_TEST("sched: a system call keeps every register and flag that it should") {
    for (unsigned round = 0; round < 4; ++round) {
        on_new_thread(test, here, [&test, round](Preemptible) {
            expect_registers_kept(test, SystemCall::nothing, 10 * round + 1);  // makes the stack
            expect_registers_kept(test, SystemCall::nothing, 10 * round + 2);
            expect_registers_kept(test, SystemCall::yield, 10 * round + 3);
            expect_registers_kept(test, SystemCall::count, 10 * round + 4);  // refused
        });
    }
}

KERNEL_TEST("sched: system calls on all CPUs answer for their own threads") {
    std::atomic<unsigned> wrong = 0;
    Crew crew(test, here, [&wrong](Preemptible inner, unsigned number) {
        const std::uint64_t me = current_thread().id().value;
        for (unsigned turn = 0; turn < 200; ++turn) {
            const auto answer = system_call(SystemCall::thread_id, {}, inner);
            wrong.fetch_add(!answer.ok() || *answer != me);
            if (turn % 16 == number) {
                wrong.fetch_add(!system_call(SystemCall::yield, {}, inner).ok());
            }
        }
    });
    crew.start(3 * online_cpu_count(), {.name = "caller"});
    crew.join();
    EXPECT_EQ(test, wrong.load(), 0u);
    on_each_cpu(here, [&](unsigned cpu) {
        const auto answer = system_call(SystemCall::cpu, {}, here);
        ASSERT_OK(test, answer);
        EXPECT_EQ(test, *answer, cpu);
    });
}

KERNEL_TEST("sched: a thread blocks inside a system call, and goes on in it") {
    std::atomic<unsigned> awake = 0;
    const std::uint64_t begin = now_ns();
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        volatile std::uint64_t mine = current_thread().id().value;
        EXPECT_OK(test, system_call(SystemCall::sleep, {2'000'000}, inner));
        EXPECT_EQ(test, mine, current_thread().id().value);
        awake.fetch_add(1);
    });
    crew.start(6, {.name = "sleeper"});
    crew.join();
    EXPECT_EQ(test, awake.load(), 6u);
    EXPECT_GE(test, now_ns() - begin, 2'000'000u);
}

KERNEL_TEST("sched: a thread preempted in a system call finds all as it was") {
    std::atomic<bool> stop = false;
    unsigned inside = 0;
    Crew crew(test, here, [&](Preemptible, unsigned) {
        for (std::uint64_t turn = 0; !stop.load(); ++turn) {
            expect_registers_kept(test, SystemCall::thread_id, turn);
        }
    });
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    crew.start(2, {.name = "caller", .affinity = 1});
    const std::uint64_t until = now_ns() + 400'000'000;
    // On the one CPU they are parked while we look: wherever they were interrupted.
    while (inside < 8 && now_ns() < until) {
        yield(here);
        for (unsigned number = 0; number < 2; ++number) {
            const Thread& thread = *thread_in_slot(crew.id(number).value & (kMaxThreads - 1));
            const arch::ParkedState parked = arch::parked_state(thread);
            inside += parked.was_interrupted && !in_lazy_range(parked.sp.value);
        }
    }
    stop.store(true);
    crew.join();
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
    EXPECT_GE(test, inside, test.time_is_counted() ? 8u : 0u);
}

KERNEL_TEST("sched: system calls that make no sense are refused") {
    EXPECT_ERROR(test, system_call(SystemCall::count, {}, here), Error::not_found);
    EXPECT_ERROR(test, system_call(static_cast<SystemCall>(~0ull), {}, here), Error::not_found);
    EXPECT_ERROR(test, system_call(SystemCall::log, {0, kLongestLoggedText + 1}, here),
                 Error::invalid_argument);
    constexpr std::string_view kText = "# a line that a system call has printed";
    EXPECT_OK(test, system_call(SystemCall::log,
                                {VirtAddr::of(kText.data()).value, kText.size()}, here));
    // From inside a call: as the entry sees it.
    Thread& self = current_thread();
    self.system_call_stack |= 1;
    EXPECT_ERROR(test, system_call(SystemCall::nothing, {}, here), Error::busy);
    self.system_call_stack &= ~std::uint64_t{1};
    EXPECT_OK(test, system_call(SystemCall::nothing, {}, here));
}

namespace {

void call_from_kernel_thread(Preemptible here, void* wrong) {
    const auto answer = system_call(SystemCall::thread_id, {}, here);
    *static_cast<bool*>(wrong) = !answer.ok() || *answer != current_thread().id().value;
}

}  // namespace

KERNEL_TEST("sched: a kernel thread may make a system call, too") {
    bool wrong = true;
    const auto id = spawn_kernel<call_from_kernel_thread>({.name = "kernel"}, &wrong, here);
    ASSERT_OK(test, id);
    EXPECT_OK(test, join_thread(*id, here));
    EXPECT(test, !wrong);
}

}  // namespace fathom
