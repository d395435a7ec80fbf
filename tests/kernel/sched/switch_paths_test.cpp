// The four ways from one thread to the next: called or interrupted out, called or interrupted in.
//
// What would break without it: a register or the flags that one of the four forgets, a context word
// that comes back with somebody else's depth. Each path is shown by the trace to have been taken.

#include <runner/test.hpp>

#include <arch/timer.hpp>
#include <context/context_word.hpp>
#include <kernel/support/crew.hpp>
#include <lib/proof_fact.h>
#include <sched/clock.hpp>
#include <trace/reader.hpp>

namespace fathom {

extern "C" {
void fathom_test_call_holding(const std::uint64_t* in, std::uint64_t* out, void (*function)(void*),
                              void* argument);
void fathom_test_spin_holding(const std::uint64_t* in, std::uint64_t* out, std::uint64_t turns);
std::uint64_t fathom_test_spin_with_flags(std::uint64_t flags, std::uint64_t turns);
extern const std::uint64_t fathom_test_called_registers;
extern const std::uint64_t fathom_test_all_registers;
extern const std::uint64_t fathom_test_flags;  ///< which bits are flags
}

namespace {

constexpr unsigned kMostRegisters = 32;
/// Two that call the scheduler, two that never do.
constexpr unsigned kThreads = 4;

struct Registers {
    std::uint64_t in[kMostRegisters];
    std::uint64_t out[kMostRegisters];

    void choose(std::uint64_t seed) {
        for (unsigned i = 0; i < kMostRegisters; ++i) {
            in[i] = seed * 0x9e37'79b9'7f4a'7c15 + i * 0x0101'0101'0101'0101;
            out[i] = 0;
        }
    }
    unsigned lost(std::uint64_t count) const {
        unsigned result = 0;
        for (unsigned i = 0; i < count; ++i) {
            result += in[i] != out[i];
        }
        return result;
    }
};

void work_and_yield(void*) {
    const Preemptible here = Preemptible::at_api_boundary();
    const std::uint64_t until = arch::read_cycles() + 5'000;
    while (arch::read_cycles() < until) {
    }
    yield(here);
}

void expect_calm_depths(TestContext& test) {
    const ContextWord word = ContextWord::now();
    EXPECT_EQ(test, word.preempt_depth(), 0u);
    EXPECT_EQ(test, word.irq_depth(), 0u);
}

/// How the four threads were switched, as the rings still tell.
struct PathsTaken {
    unsigned count[2][2] = {};  ///< [left by interrupt][entered where interrupted]
    bool left_by_interrupt[kThreads] = {};
    bool has_left[kThreads] = {};

    void note(unsigned from, unsigned to, bool preempted) {
        if (to < kThreads && has_left[to]) {
            ++count[preempted][left_by_interrupt[to]];
        }
        if (from < kThreads) {
            left_by_interrupt[from] = preempted;
            has_left[from] = true;
        }
    }
    bool all() const {
        return count[0][0] != 0 && count[0][1] != 0 && count[1][0] != 0 && count[1][1] != 0;
    }
};

template <typename Crew>
unsigned number_of(const Crew& crew, std::uint64_t thread) {
    unsigned number = 0;
    while (number < kThreads && (crew.id(number).value & ((1ull << 48) - 1)) != thread) {
        ++number;
    }
    return number;
}

/// Lets the four threads switch among themselves for a while, on CPU 0, and adds up the paths
/// taken.
void take_paths(TestContext& test, PathsTaken& taken, Preemptible here) {
    std::atomic<unsigned> spinning = 2;
    Crew crew(test, here, [&](Preemptible, unsigned number) {
        Registers registers;
        if (number < 2) {
            for (unsigned turn = 0; spinning.load() != 0; ++turn) {
                registers.choose(number * 1000 + turn);
                fathom_test_call_holding(
                    registers.in, registers.out,
                    callable<CallClass::call_holding, work_and_yield>(), nullptr);
                EXPECT_EQ(test, registers.lost(fathom_test_called_registers), 0u);
                expect_calm_depths(test);
            }
            return;
        }
        for (unsigned turn = 0; turn < 10; ++turn) {
            registers.choose(number * 1000 + turn);
            fathom_test_spin_holding(registers.in, registers.out, tick_cycles() / 8);
            EXPECT_EQ(test, registers.lost(fathom_test_all_registers), 0u);
            const std::uint64_t flags = registers.in[turn] & fathom_test_flags;
            EXPECT_EQ(test, fathom_test_spin_with_flags(flags, tick_cycles() / 16), flags);
            expect_calm_depths(test);
        }
        spinning.fetch_sub(1);
    });
    crew.start(kThreads, {.name = "switched", .affinity = 1});
    crew.join();
    PathsTaken paths = taken;
    for (bool& has_left : paths.has_left) {
        has_left = false;  // other threads than last time
    }
    trace::for_each([&](const trace::Entry& entry) {
        if (entry.id() == trace::EventId::context_switch && entry.cpu() == 0) {
            paths.note(number_of(crew, entry.thread()),
                       number_of(crew, entry.payload[0] & ((1ull << 48) - 1)),
                       entry.payload[1] != 0);
        }
    });
    taken = paths;
}

}  // namespace

KERNEL_TEST("sched: registers, flags, context word survive all paths of a switch") {
    if (!trace::enabled()) {
        SKIP(test, "needs trace events: which path was taken");
    }
    PathsTaken taken;
    for (unsigned tries = 0; tries < 40 && !taken.all(); ++tries) {
        take_paths(test, taken, here);
    }
    if (!test.time_is_counted()) {
        return;  // the host decides which paths there are; what was taken has been checked
    }
    EXPECT_GT(test, taken.count[0][0], 0u);
    EXPECT_GT(test, taken.count[0][1], 0u);
    EXPECT_GT(test, taken.count[1][0], 0u);
    EXPECT_GT(test, taken.count[1][1], 0u);
}

}  // namespace fathom
