// Physical frames: a buddy system under one lock, with a cache of single frames per CPU in front.
//
// Owns:    every frame of RAM that boot left free.
// Context: the lock and the caches are only touched with interrupts off, since a stack fault takes
//          frames too when its reserve is dry: no holder can ever be interrupted, or stack-fault.
// Story:   filled by mm::init(); drawn on by frame_reserve.cpp, heap.cpp, page tables.

#pragma once

#include <cstddef>
#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/physical_memory.hpp>

namespace fathom::mm {

/// The largest block is 2^kLargestOrder frames.
inline constexpr unsigned kLargestOrder = 13;

/// A frame with undefined contents.
/// Errors: out_of_memory.
/// Context: preemptible, may fault.
[[nodiscard]] Result<PhysAddr> allocate_frame(Preemptible);
/// Context: atomic, interrupts off.
[[nodiscard]] Result<PhysAddr> allocate_frame(IrqsDisabled);
/// As allocate_frame(), but with no thought of the next one: no batch is moved into the cache, so
/// that a stack fault whose reserve is dry stays short.
/// Context: atomic, interrupts off.
[[nodiscard]] Result<PhysAddr> allocate_frame_in_fault(IrqsDisabled);

/// Gives a frame back that nobody can reach any more.
/// Context: preemptible, may fault.
void free_frame(PhysAddr frame, Preemptible);
/// Context: atomic, interrupts off.
void free_frame(PhysAddr frame, IrqsDisabled);

/// 2^order frames in a row, aligned to their size, with undefined contents; bypasses the caches.
/// Errors: out_of_memory, also for an order over kLargestOrder.
/// Context: preemptible, may fault.
[[nodiscard]] Result<PhysAddr> allocate_frames(unsigned order, Preemptible);
/// Context: atomic, interrupts off.
[[nodiscard]] Result<PhysAddr> allocate_frames(unsigned order, IrqsDisabled);

/// Gives back what allocate_frames() gave, with the same order.
/// Context: preemptible, may fault.
void free_frames(PhysAddr base, unsigned order, Preemptible);
/// Context: atomic, interrupts off.
void free_frames(PhysAddr base, unsigned order, IrqsDisabled);

/// Where all frames are. A frame that is in none of the last three is in use.
struct FrameStatistics {
    std::size_t total = 0;        ///< given to the allocator at boot
    std::size_t free = 0;         ///< in the buddy system
    std::size_t in_caches = 0;    ///< in the CPUs' caches
    std::size_t in_reserves = 0;  ///< in the CPUs' reserves, zeroed, and the emergency reserve
    std::size_t available() const { return free + in_caches + in_reserves; }
};
/// A snapshot; exact while nobody allocates.
/// Context: any.
FrameStatistics frame_statistics();

/// Puts the frames in the running CPU's cache back into the buddy system.
/// Context: preemptible, may fault.
void drain_frame_caches(Preemptible);

/// What boot's page tables reach through the direct map; all that may be used before ours are
/// loaded.
inline constexpr PhysAddr kBootMapped{1ull << 32};
/// Below this the kernel says so and stops.
inline constexpr std::uint64_t kLeastMemory = 16ull << 20;

/// For mm::init(): cuts the array of Frames out of RAM and gives all RAM below kBootMapped to the
/// buddy system. Panics where RAM is too small or too scattered for the array.
/// Context: atomic, interrupts off; boot.
void init_frames(const MemoryPieces& pieces);

/// For mm::init(), once the final page tables are loaded: the RAM above kBootMapped.
/// Context: atomic, interrupts off; boot.
void add_high_frames(const MemoryPieces& pieces);

}  // namespace fathom::mm
