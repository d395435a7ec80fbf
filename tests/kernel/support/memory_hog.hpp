// Somebody who holds all memory, to see how others do without.
//
// Owns:    MemoryHog.
// Context: preemptible.

#pragma once

#include <mm/direct_map.hpp>
#include <mm/frame_allocator.hpp>

namespace fathom {

/// Keeps frames in a list that is threaded through themselves, so that it needs no other memory.
class MemoryHog {
public:
    explicit MemoryHog(Preemptible here) : here_(here) {}
    /// Gives all back.
    ~MemoryHog() { give_back(held_); }
    MemoryHog(const MemoryHog&) = delete;
    MemoryHog& operator=(const MemoryHog&) = delete;

    /// Takes every frame that allocate_frame() gives.
    /// Context: preemptible.
    void take_all() {
        for (Result<PhysAddr> frame = mm::allocate_frame(here_); frame.ok();
             frame = mm::allocate_frame(here_)) {
            keep(*frame);
        }
    }
    /// Takes a frame over that was the caller's.
    /// Context: preemptible.
    void keep(PhysAddr frame) {
        *mm::phys_to_virt(frame).as<PhysAddr>() = first_;
        first_ = frame;
        ++held_;
    }
    /// Gives so many back, or all that it holds.
    /// Context: preemptible.
    void give_back(std::size_t frames) {
        for (; frames != 0 && held_ != 0; --frames, --held_) {
            const PhysAddr frame = first_;
            first_ = *mm::phys_to_virt(frame).as<PhysAddr>();
            mm::free_frame(frame, here_);
        }
    }
    std::size_t held() const { return held_; }

private:
    [[no_unique_address]] Preemptible here_;
    PhysAddr first_;
    std::size_t held_ = 0;
};

}  // namespace fathom
