// spawn: threads that have been deep in their stacks, and wait or work on.
//
// Context: preemptible.

#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/crew_threads.hpp>

namespace fathom::monitor {

namespace {

constexpr std::uint64_t kMostThreads = 60'000;
/// Each of them wants a CPU all the time, and so does the prompt.
constexpr std::uint64_t kMostBusy = 64;
constexpr std::uint64_t kDeepest = MiB(512);

/// What the words of the command ask for.
struct Wanted {
    std::uint64_t count = 0;
    std::uint64_t depth = KiB(16);
    CrewJob job = CrewJob::rest;
};

/// False where the words make no sense.
bool read_words(Words& words, Wanted& wanted) {
    const auto count = words.next_number();
    if (!count.ok()) {
        return false;
    }
    wanted.count = *count;
    std::string_view word = words.next();
    if (!word.empty() && word != "busy") {
        const auto depth = Words(word).next_number();
        if (!depth.ok() || *depth > kDeepest) {
            return false;
        }
        wanted.depth = *depth;
        word = words.next();
    }
    wanted.job = word == "busy" ? CrewJob::work : CrewJob::rest;
    return (word.empty() || word == "busy") && words.empty();
}

/// Whether so many more may be started; says so where not.
bool may_start(const Wanted& wanted, const CrewCounts& now) {
    const bool busy = wanted.job == CrewJob::work;
    const std::uint64_t most = busy ? kMostBusy : kMostThreads;
    const std::uint64_t there = busy ? now.working : now.all();
    if (wanted.count <= most && there <= most - wanted.count) {
        return true;
    }
    log("spawn: at most {} {} at once; spawn 0 ends them", most, busy ? "busy ones" : "threads");
    return false;
}

void report(const Wanted& wanted, std::uint64_t there, std::uint64_t lost, std::uint64_t missing) {
    if (there != 0 && wanted.job == CrewJob::work) {
        log("spawn: {} {} busy, up to {} bytes deep; spawn 0 ends them", there,
            there == 1 ? "thread is" : "threads are", wanted.depth);
    } else if (there != 0) {
        log("spawn: {} {}, {}{} bytes deep once; spawn 0 ends them", there,
            there == 1 ? "thread waits" : "threads wait", there == 1 ? "" : "each ", wanted.depth);
    }
    if (lost != 0) {
        log("spawn: {} {} lost: no memory was left for {}", lost,
            lost == 1 ? "thread was" : "threads were", lost == 1 ? "its stack" : "their stacks");
    }
    if (missing != 0) {
        log("spawn: {} {} still on the way down", missing, missing == 1 ? "is" : "are");
    }
}

void start(const Wanted& wanted, const CrewCounts& before, Preemptible here) {
    std::uint64_t started = 0;
    for (; started < wanted.count; ++started) {
        const auto thread = start_crew_thread(wanted.job, wanted.depth, here);
        if (!thread.ok()) {
            log("spawn: {}", thread.error());
            break;
        }
    }
    const std::uint64_t missing = await_crew(started, before.all(), here);
    const std::uint64_t expected = before.all() + started;
    const std::uint64_t left = count_crew(here).all();
    const std::uint64_t lost = expected > left ? expected - left : 0;
    const std::uint64_t unsettled = lost + missing;
    report(wanted, started > unsettled ? started - unsettled : 0, lost, missing);
}

}  // namespace

void end_crew(Preemptible here) {
    const std::uint64_t count = count_crew(here).all();
    const std::uint64_t left = send_crew_home(here);
    const std::uint64_t ended = count > left ? count - left : 0;
    log("spawn: {} {} ended", ended, ended == 1 ? "thread" : "threads");
    if (left != 0) {
        log("spawn: {} {} not yet; spawn 0 again waits for {}", left, left == 1 ? "has" : "have",
            left == 1 ? "it" : "them");
    }
}

Outcome spawn_crew(Words& words, Preemptible here) {
    Wanted wanted;
    if (!read_words(words, wanted)) {
        return Outcome::misused;
    }
    if (wanted.count == 0) {
        end_crew(here);
        return Outcome::done;
    }
    const CrewCounts before = count_crew(here);
    if (may_start(wanted, before)) {
        start(wanted, before, here);
    }
    return Outcome::done;
}

}  // namespace fathom::monitor
