// The threads that spawn starts, as they are at work.
//
// Owns:    CrewCounts, start_crew_thread(), send_crew_home().
// Context: preemptible.
// Story:   used by crew.cpp, which is the command.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>

namespace fathom::monitor {

/// What a thread of the crew does once it runs.
enum class CrewJob : std::uint8_t {
    rest,  ///< goes down, comes back up and waits
    work,  ///< computes, and goes down to a random depth again and again
};

/// The threads of the crew that have not been freed, after their end or after the kernel has ended
/// them.
struct CrewCounts {
    std::uint64_t resting = 0;
    std::uint64_t working = 0;

    std::uint64_t all() const { return resting + working; }
};

/// Looks through the thread table: what a thread says of itself is worth nothing once it is lost.
/// Context: preemptible, may fault.
CrewCounts count_crew(Preemptible here);

/// Starts a thread that goes `depth` bytes below its stack's top.
/// Errors: as spawn_application().
/// Context: preemptible, may fault.
Result<void> start_crew_thread(CrewJob job, std::uint64_t depth, Preemptible here);

/// Waits until each of the last `started` threads has been down once or is lost, ten seconds at
/// most. `before`: how many there were before them. Returns how many have not come that far.
/// Context: preemptible, may fault.
std::uint64_t await_crew(std::uint64_t started, std::uint64_t before, Preemptible here);

/// Ends all of them; returns how many are left after ten seconds.
/// Context: preemptible, may fault.
std::uint64_t send_crew_home(Preemptible here);

}  // namespace fathom::monitor
