// spawn: threads that have been deep in their stacks and wait.
//
// Context: preemptible.

#include <algorithm>
#include <atomic>

#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom::monitor {

namespace {

constexpr std::uint64_t kMostThreads = 60'000;
constexpr std::uint64_t kDeepest = MiB(512);
/// What a frame of descend() takes, about.
constexpr std::uint64_t kStep = 512;

constinit Semaphore gate{0};
constinit std::atomic<std::uint64_t> waiting = 0;
constinit std::uint64_t alive = 0;  ///< the monitor's own

[[gnu::noinline]] void descend(std::uint64_t bytes) {
    volatile char frame[kStep];
    frame[0] = 1;
    if (bytes > kStep) {
        descend(bytes - kStep);
    }
    frame[1] = frame[0];  // the frame is needed after the call: no tail call
}

void crew_thread(Preemptible here, void* argument) {
    descend(VirtAddr::of(argument).value);  // the depth travels as the pointer
    waiting.fetch_add(1, std::memory_order_relaxed);
    gate.wait(here);
    waiting.fetch_sub(1, std::memory_order_relaxed);
}

bool start_one(std::uint64_t depth, Preemptible here) {
    const ThreadAttributes attributes{.name = "crew",
                                      .stack_bytes = std::max(MiB(1), depth + KiB(16)),
                                      .detached = true};
    const auto thread =
        spawn_application<crew_thread>(attributes, VirtAddr{depth}.as<void>(), here);
    if (!thread.ok()) {
        log("spawn: {}", thread.error());
    }
    return thread.ok();
}

/// Waits until as many threads as that wait, for at most ten seconds.
void await(std::uint64_t count, Preemptible here) {
    for (unsigned i = 0; i < 10'000 && waiting.load(std::memory_order_relaxed) != count; ++i) {
        sleep_for(1'000'000, here);
    }
}

void send_home(Preemptible here) {
    const std::uint64_t count = alive;
    for (; alive != 0; --alive) {
        gate.post(here);
    }
    await(0, here);
    log("spawn: {} threads ended", count);
}

}  // namespace

Outcome spawn_crew(Words& words, Preemptible here) {
    const auto count = words.next_number();
    const auto given = words.next_number();
    const std::uint64_t depth = given.ok() ? *given : KiB(16);
    const bool understood = given.ok() || given.error() == Error::not_found;
    if (!count.ok() || !understood || depth > kDeepest || !words.empty()) {
        return Outcome::misused;
    }
    if (*count == 0) {
        send_home(here);
        return Outcome::done;
    }
    if (alive + *count > kMostThreads) {
        log("spawn: at most {} threads at once; spawn 0 ends them", kMostThreads);
        return Outcome::done;
    }
    std::uint64_t started = 0;
    while (started < *count && start_one(depth, here)) {
        ++started;
    }
    alive += started;
    await(alive, here);
    log("spawn: {} threads wait, each {} bytes deep once; spawn 0 ends them", started, depth);
    return Outcome::done;
}

}  // namespace fathom::monitor
