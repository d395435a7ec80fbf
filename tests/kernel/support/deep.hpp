// Going deep, as recursion does: what is written lies above sp until it is read again. Bytes below
// sp would prove nothing, since trimming may take them at any moment when memory is short.
//
// Owns:    sum_down().
// Context: preemptible: each frame's first touch may fault.

#pragma once

#include <cstdint>

namespace fathom {

/// Calls itself `frames` times, two frames to a page, each with its number in it; the sum of what
/// the frames hold on the way back: 0 + 1 + ... + frames.
/// Context: preemptible.
[[gnu::noinline]] inline unsigned sum_down(unsigned frames) {
    volatile std::uint16_t frame[950];
    frame[0] = static_cast<std::uint16_t>(frames);
    frame[949] = static_cast<std::uint16_t>(frames);
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes the frame small
    const unsigned below = frames == 0 ? 0 : sum_down(frames - 1);
    return below + (frame[0] == frame[949] ? frame[0] : 0u);
}

}  // namespace fathom
