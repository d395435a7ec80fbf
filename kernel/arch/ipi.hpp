// Contract: one CPU interrupts another.

#pragma once

#include <cstdint>

namespace fathom::arch {

enum class Ipi : std::uint8_t {
    reschedule,  ///< -> handle_reschedule_ipi()
    shootdown,   ///< -> handle_shootdown_ipi()
    inspection,  ///< -> handle_inspection_ipi()
};

/// Sends to one CPU by index. The stores made before it are visible to the handler there.
/// Context: atomic.
void send_ipi(std::uint32_t cpu_index, Ipi ipi);

/// Stops every other CPU for a panic: NMI on x86_64, an SGI on aarch64. Each arrives in
/// handle_stop(). Does not wait.
/// Context: any, panic only.
void stop_other_cpus(std::uint32_t online_cpus);

}  // namespace fathom::arch
