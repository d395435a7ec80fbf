// What the kernel wants to know from a device tree of QEMU's `virt` kind.
//
// Owns:    MachineFacts and read_machine().
// Context: any; no state, no allocation.
// Story:   called by boot/aarch64 with the tree that the boot loader left; the facts go on to the
//          drivers in arch/aarch64.

#pragma once

#include <cstddef>
#include <cstdint>

#include <lib/boot_info.hpp>
#include <lib/readers/device_tree.hpp>
#include <lib/result.hpp>

namespace fathom {

/// How firmware is called.
enum class PsciMethod : std::uint8_t { none, hvc, smc };

/// The interrupt controller: `version` 2 has the distributor and the CPU interface in its two
/// ranges, `version` 3 the distributor and then one or more runs of redistributors.
struct GicFacts {
    static constexpr std::size_t kMaxRanges = 4;

    unsigned version = 0;  ///< 0: none that we know
    DeviceRange ranges[kMaxRanges];
    std::size_t range_count = 0;
};

/// What the tree says beside what goes into BootInfo. Interrupts are GIC interrupt ids; 0 where the
/// tree names none.
struct MachineFacts {
    PsciMethod psci = PsciMethod::none;
    GicFacts gic;
    DeviceRange uart;  ///< PL011; size 0 where there is none
    std::uint32_t uart_interrupt = 0;
    std::uint32_t virtual_timer_interrupt = 0;
};

/// Adds memory, reservations, initrd (its bytes reserved), boot arguments and CPUs to `boot`; the
/// CPU whose affinity is `boot_cpu` comes first. What is missing or broken is left out, with a
/// complaint where the kernel could run better with it. The tree's own bytes are for the caller to
/// reserve.
/// Context: any.
MachineFacts read_machine(const DeviceTree& tree, HardwareCpuId boot_cpu, BootInfo& boot);

/// The GIC interrupt id of the `index`-th three-cell entry of an `interrupts` property, or 0.
/// Context: any.
std::uint32_t gic_interrupt(const DeviceTree& tree, const Node& node, std::size_t index);

}  // namespace fathom
