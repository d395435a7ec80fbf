// x86_64: the interrupt descriptor table.

#pragma once

namespace fathom::arch {

/// Context: boot CPU, once, interrupts off.
void fill_idt();

/// Context: once per CPU, interrupts off.
void load_idt();

}  // namespace fathom::arch
