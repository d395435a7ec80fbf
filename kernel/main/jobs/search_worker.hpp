// One thread of the search: its share of the lines, and what it found there.
//
// Owns:    SearchWorker, SearchShared.
// Context: application threads. A worker is written by its thread only, and read once that has
//          ended.

#pragma once

#include <atomic>
#include <cstdint>

#include <context/witness.hpp>
#include <lib/regex.hpp>
#include <lib/units.hpp>
#include <main/jobs/documents.hpp>
#include <sched/thread.hpp>
#include <sync/semaphore.hpp>

namespace fathom {

/// What all workers share. Constant while they run, but for the gate and `stop`.
struct SearchShared {
    const Regex* regex = nullptr;
    std::uint64_t keep_matches = 0;  ///< a worker keeps so many; the rest is only counted
    Semaphore gate{0};               ///< a worker starts when it has passed
    std::atomic<bool> stop = false;  ///< the pattern is hopeless: give up everywhere
};

/// A line that matches.
struct SearchMatch {
    LineCursor place;
    SearchMatch* next = nullptr;
};

struct SearchWorker {
    SearchShared* shared = nullptr;
    ThreadId thread;
    LineCursor begin;  ///< its lines are [begin, end)
    LineCursor end;

    SearchMatch* first_match = nullptr;
    SearchMatch* last_match = nullptr;
    std::uint64_t matches = 0;  ///< found, whether kept or not
    std::uint64_t kept = 0;
    std::uint64_t lines = 0;

    LineCursor trouble_place;  ///< the first line that could not be searched to its end
    MatchOutcome trouble = MatchOutcome::none;
    bool lost_matches = false;  ///< no memory to keep one

    PageCount populated;  ///< of its stack, at its end
    PageCount deepest;
};

/// Searches one worker's lines. `argument` is the SearchWorker.
/// Context: preemptible, may fault; the entry of an application thread.
void search_thread(Preemptible here, void* argument);

/// Frees the matches that a worker kept.
/// Context: preemptible, may fault.
void free_matches(SearchWorker& worker, Preemptible here);

}  // namespace fathom
