// Threads that go deep.
//
// A thread whose stack cannot grow is ended by the kernel, wherever it is, and tells nobody. So
// they are counted in the thread table, and none is waited for that is not there any more.
//
// Context: preemptible.

#include <main/monitor/crew_threads.hpp>

#include <algorithm>
#include <atomic>

#include <main/monitor/thread_rows.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom::monitor {

namespace {

constexpr std::string_view kRestingName = "crew";
constexpr std::string_view kWorkingName = "busy";
/// What a frame of descend_to() takes, about: the last one may reach so far below the target.
constexpr std::uint64_t kStep = 512;
/// Rounds of a small computation between two descents.
constexpr unsigned kRoundsOfWork = 10'000;
constexpr std::uint64_t kLookAgainNs = 1'000'000;
constexpr unsigned kMostLooks = 10'000;
/// Counting takes longer than looking at a counter.
constexpr unsigned kLooksPerCount = 16;

constinit Semaphore gate{0};
/// Of the threads started last: those that have been down once.
constinit std::atomic<std::uint64_t> arrived = 0;
constinit std::atomic<bool> work_is_over = false;

/// Touches the stack in steps of a frame until a byte below `target` is touched.
[[gnu::noinline]] void descend_to(VirtAddr target) {
    volatile char frame[kStep];
    frame[0] = 1;
    if (VirtAddr::of(frame) >= target) {
        descend_to(target);
    }
    frame[1] = frame[0];  // the frame is needed after the call: no tail call
}

/// The next of a sequence of numbers (xorshift, Marsaglia 2003). Never 0.
std::uint64_t next_random(std::uint64_t number) {
    number ^= number << 13;
    number ^= number >> 7;
    return number ^ number << 17;
}

// The depth travels as the pointer, in both.
void resting_thread(Preemptible here, void* argument) {
    descend_to(current_thread().stack_top - VirtAddr::of(argument).value);
    arrived.fetch_add(1, std::memory_order_relaxed);
    gate.wait(here);
}

void working_thread(Preemptible, void* argument) {
    const std::uint64_t deepest = VirtAddr::of(argument).value;
    std::uint64_t random = current_thread().id().value;
    for (bool first = true; !work_is_over.load(std::memory_order_relaxed); first = false) {
        for (unsigned i = 0; i < kRoundsOfWork; ++i) {
            random = next_random(random);
        }
        descend_to(current_thread().stack_top - random % (deepest + 1));
        if (first) {
            arrived.fetch_add(1, std::memory_order_relaxed);
        }
    }
}

/// Looks again and again whether `settled(look, here)`, for ten seconds at most.
template <typename Settled>
void wait_until(Settled&& settled, Preemptible here) {
    for (unsigned look = 0; look < kMostLooks && !settled(look, here); ++look) {
        sleep_for(kLookAgainNs, here);
    }
}

}  // namespace

CrewCounts count_crew(Preemptible here) {
    CrewCounts counts;
    for_each_row(here, [&](const ThreadRow& row) {
        const std::string_view name = row.name;
        if (row.application) {
            counts.resting += name == kRestingName;
            counts.working += name == kWorkingName;
        }
    });
    return counts;
}

Result<void> start_crew_thread(CrewJob job, std::uint64_t depth, Preemptible here) {
    // The last frame of descend_to(), and what waiting takes of a stack that is not deep at all.
    constexpr std::uint64_t kRoom = KiB(16);
    ThreadAttributes attributes{.name = job == CrewJob::rest ? kRestingName : kWorkingName,
                                .stack_bytes = std::max(MiB(1), depth + kRoom),
                                .detached = true};
    void* const argument = VirtAddr{depth}.as<void>();
    if (job == CrewJob::work) {
        FATHOM_TRY(spawn_application<working_thread>(attributes, argument, here));
    } else {
        FATHOM_TRY(spawn_application<resting_thread>(attributes, argument, here));
    }
    return {};
}

std::uint64_t await_crew(std::uint64_t started, std::uint64_t before, Preemptible here) {
    std::uint64_t missing = 0;
    wait_until(
        [&](unsigned look, Preemptible here) {
            const std::uint64_t there = arrived.load(std::memory_order_relaxed);
            missing = started - std::min(started, there);
            if (missing != 0 && look % kLooksPerCount == 0) {
                const std::uint64_t left = count_crew(here).all();
                missing -= std::min(missing, before + started - std::min(before + started, left));
            }
            return missing == 0;
        },
        here);
    arrived.store(0, std::memory_order_relaxed);
    return missing;
}

std::uint64_t send_crew_home(Preemptible here) {
    work_is_over.store(true, std::memory_order_relaxed);
    for (std::uint64_t sent = gate.units(), all = count_crew(here).resting; sent < all; ++sent) {
        gate.post(here);
    }
    std::uint64_t left = 0;
    const auto none_is_left = [&left](unsigned, Preemptible here) {
        left = count_crew(here).all();
        return left == 0;
    };
    wait_until(none_is_left, here);
    if (left == 0) {
        // Of who was lost between the gate and its end.
        while (gate.try_wait()) {
        }
        work_is_over.store(false, std::memory_order_relaxed);
    }
    return left;
}

}  // namespace fathom::monitor
