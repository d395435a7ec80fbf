// Contract: which device registers the kernel's own drivers reach through the direct map.
//
// Owns:    DeviceWindow and the list of them. RAM is not in it; nor are I/O ports.
// Story:   filled from what boot found (device tree, MADT); mm::init() maps each window, uncached,
//          at its place in the direct map before it loads the final page table: the console must
//          not go away for a moment.

#pragma once

#include <cstdint>
#include <span>

#include <lib/units.hpp>

namespace fathom::arch {

/// A run of physical addresses that are registers. Not necessarily page aligned.
struct DeviceWindow {
    PhysAddr begin;
    std::uint64_t size_bytes = 0;
};

/// Console, interrupt controller, timer: whatever this architecture's drivers touch.
/// Context: any; constant once kernel_main runs.
std::span<const DeviceWindow> device_windows();

}  // namespace fathom::arch
