// Counting memory exactly.
//
// Context: preemptible.

#include <kernel/support/quiet.hpp>

#include <kernel/support/stack_bytes.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/heap.hpp>
#include <mm/shootdown.hpp>
#include <mm/thread_stack.hpp>
#include <sched/clock.hpp>
#include <sync/rcu.hpp>

namespace fathom {

void drain_all_caches(Preemptible here) {
    rcu_barrier(here);
    mm::drain_stack_caches(here);
    mm::free_deferred_frames(here);
    on_each_cpu(here, [here](unsigned) { mm::drain_heap_caches(here); });
    on_each_cpu(here, [here](unsigned) { mm::drain_frame_caches(here); });
}

void fill_all_reserves(Preemptible here) {
    on_each_cpu(here, [here](unsigned) { static_cast<void>(mm::refill_reserve(here)); });
}

namespace {

std::size_t count_frames(Preemptible here) {
    // So that the caller's own stack does not grow between two counts.
    touch_own_stack(8);
    drain_all_caches(here);
    return mm::frame_statistics().available();
}

}  // namespace

// Another CPU may be refilling its reserve, or may have found no memory just now and be trimming
// stacks, the caller's included. What is counted twice is what stays.
std::size_t available_frames(Preemptible here) {
    constexpr unsigned kTries = 20;
    std::size_t before = count_frames(here);
    std::size_t now = count_frames(here);
    for (unsigned tries = 0; now != before && tries < kTries; ++tries) {
        before = now;
        now = count_frames(here);
    }
    return now;
}

std::size_t frames_return_to(std::size_t expected, Preemptible here) {
    constexpr unsigned kTries = 200;
    std::size_t available = available_frames(here);
    for (unsigned tries = 0; available != expected && tries < kTries; ++tries) {
        sleep_for(1'000'000, here);
        available = available_frames(here);
    }
    return available;
}

}  // namespace fathom
