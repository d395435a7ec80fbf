// Counting memory exactly: everything that is only kept for later goes back first.
//
// Owns:    drain_all_caches(), available_frames(), frames_return_to(), on_each_cpu(),
//          fill_all_reserves().
// Context: preemptible, on an application thread.

#pragma once

#include <bit>
#include <cstddef>

#include <context/online_cpus.hpp>
#include <context/policy.hpp>
#include <mm/frame_allocator.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Whether the build's policy leaves stack pages out at creation.
inline constexpr bool kLazyStacks = StackPolicy::pages_at_creation(PageCount(512)) < PageCount(512);

/// Calls `visit(cpu_index)` on each CPU in turn, and leaves the thread free to run on all.
/// Context: preemptible.
template <typename Visitor>
void on_each_cpu(Preemptible here, Visitor&& visit) {
    const ThreadId self = current_thread().id();
    for (CpuMask left = online_cpus(); left != 0; left &= left - 1) {
        const auto cpu = static_cast<unsigned>(std::countr_zero(left));
        static_cast<void>(set_affinity(self, CpuMask{1} << cpu, here));
        visit(cpu);
    }
    static_cast<void>(set_affinity(self, kAllCpus, here));
}

/// Gives back what the caches of stacks, heap and frames keep on every CPU.
/// Context: preemptible.
void drain_all_caches(Preemptible here);

/// Fills the frame reserve of every CPU, so that no refill is under way or asked for.
/// Context: preemptible.
void fill_all_reserves(Preemptible here);

/// The frames that nobody uses, with every cache drained.
/// Context: preemptible.
std::size_t available_frames(Preemptible here);

/// As available_frames(), but gives the reaper and others time to come to `expected`: what it has
/// come to in the end.
/// Context: preemptible.
std::size_t frames_return_to(std::size_t expected, Preemptible here);

}  // namespace fathom
