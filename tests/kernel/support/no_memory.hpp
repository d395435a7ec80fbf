// A machine without memory, and a thread that wants some all the same.
//
// Owns:    NoMemory, go_down().
// Context: preemptible.

#pragma once

#include <cstdint>

#include <context/kernel_work.hpp>
#include <kernel/support/memory_hog.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>

namespace fathom {

/// Half pages: more than all reserves hold.
inline constexpr unsigned kTooDeep = 480;

/// All memory, held by the test's thread, which needs none itself and is never ended.
class NoMemory {
public:
    explicit NoMemory(Preemptible here) : work_(here), hog_(here) {
        touch_own_stack(10);
        drain_all_caches(here);
        hog_.take_all();
    }

private:
    KernelWork work_;
    MemoryHog hog_;
};

/// Goes so many half pages down. A touch below sp would not do: trimming takes that back.
/// Context: preemptible, may fault.
[[gnu::noinline]] inline unsigned go_down(unsigned half_pages) {
    volatile std::uint8_t frame[1900];
    frame[0] = static_cast<std::uint8_t>(half_pages);
    frame[sizeof frame - 1] = 1;
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes the frame small
    return (half_pages == 0 ? 0 : go_down(half_pages - 1)) + frame[sizeof frame - 1];
}

}  // namespace fathom
