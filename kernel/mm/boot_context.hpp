// The witness of boot: one CPU, interrupts off since power-on, nobody to be kept out.
//
// Owns:    boot_irqs_disabled().
// Context: atomic, interrupts off; until the scheduler starts, on the boot CPU only.

#pragma once

#include <context/witness.hpp>
#include <lib/thread_safety.hpp>

namespace fathom::mm {

/// What mm::init() and its helpers pass where interrupts must be off: boot never turned them on, so
/// there is no guard that could say so.
/// Context: atomic, interrupts off; boot.
[[gnu::always_inline]] inline IrqsDisabled boot_irqs_disabled() FATHOM_IS_ATOMIC {
    return fathom::detail::WitnessMint::irqs_disabled();
}

}  // namespace fathom::mm
