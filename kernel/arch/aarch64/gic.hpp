// The interrupt controller, version 2 or 3, as interrupts.cpp uses it.
//
// Owns:    the interrupt ids that the kernel gives meaning to, and the choice between the versions.
// Context: each says. "Shared" interrupts (SPI) come from devices, "private" ones (PPI) from the
//          CPU's own timer, "software" ones (SGI) from other CPUs. All have one priority.
// Story:   set up by cpu_local.cpp and machine.cpp; gic_v2.cpp and gic_v3.cpp hold the registers.

#pragma once

#include <cstdint>

#include <lib/boot_info.hpp>

#include "machine.hpp"

namespace fathom::arch::gic {

/// Interrupt ids below 16 are the software ones.
enum SoftwareInterrupt : std::uint32_t {
    sgi_reschedule = 0,
    sgi_shootdown = 1,
    sgi_stop = 2,
    sgi_inspection = 3,
};
/// Ids from here on are not interrupts: "nothing pending".
inline constexpr std::uint32_t kFirstSpecialId = 1020;

/// All of one version's registers; `gic_v2` and `gic_v3` have the same functions.
#define FATHOM_GIC_FUNCTIONS                                  \
    void init_distributor();                                  \
    void init_cpu(std::uint32_t cpu_index, HardwareCpuId id); \
    void enable_private(std::uint32_t interrupt);             \
    void enable_shared(std::uint32_t interrupt);              \
    std::uint32_t acknowledge();                              \
    void end(std::uint32_t acknowledged);                     \
    void send(std::uint32_t cpu_index, SoftwareInterrupt interrupt);

namespace v2 {
FATHOM_GIC_FUNCTIONS
}
namespace v3 {
FATHOM_GIC_FUNCTIONS
}
#undef FATHOM_GIC_FUNCTIONS

inline bool is_v3() { return machine.facts.gic.version == 3; }

/// Everything off, everything in the group that raises IRQ, forwarding on.
/// Context: boot CPU, once, interrupts off; before any init_cpu().
inline void init_distributor() { is_v3() ? v3::init_distributor() : v2::init_distributor(); }
/// This CPU's side: priorities, its software interrupts on. Remembers how the others name it.
/// Context: once per CPU, interrupts off.
inline void init_cpu(std::uint32_t cpu_index, HardwareCpuId id) {
    is_v3() ? v3::init_cpu(cpu_index, id) : v2::init_cpu(cpu_index, id);
}
/// Lets a private interrupt of this CPU through.
/// Context: after init_cpu() on this CPU.
inline void enable_private(std::uint32_t interrupt) {
    is_v3() ? v3::enable_private(interrupt) : v2::enable_private(interrupt);
}
/// Lets a device's interrupt through, to the boot CPU.
/// Context: boot CPU, after init_cpu().
inline void enable_shared(std::uint32_t interrupt) {
    is_v3() ? v3::enable_shared(interrupt) : v2::enable_shared(interrupt);
}
/// Takes the interrupt that is pending. Its id is in bits 9:0; the whole value goes to end().
/// Context: exception stack, interrupts off.
inline std::uint32_t acknowledge() { return is_v3() ? v3::acknowledge() : v2::acknowledge(); }
/// Lets the next one through. For a special id there is nothing to end.
/// Context: exception stack, interrupts off.
inline void end(std::uint32_t acknowledged) {
    is_v3() ? v3::end(acknowledged) : v2::end(acknowledged);
}
/// Interrupts another CPU. Stores made before are visible to its handler.
/// Context: atomic.
inline void send(std::uint32_t cpu_index, SoftwareInterrupt interrupt) {
    is_v3() ? v3::send(cpu_index, interrupt) : v2::send(cpu_index, interrupt);
}

}  // namespace fathom::arch::gic
