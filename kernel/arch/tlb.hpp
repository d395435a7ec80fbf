// Contract: forgetting cached translations, and changing to another table altogether.

#pragma once

#include <lib/units.hpp>

namespace fathom::arch {

// inline constexpr bool kTlbFlushReachesAllCpus: in native/tlb.hpp. True on aarch64 (broadcast
// TLBI); where false, the other CPUs need an IPI (mm/shootdown.hpp).

/// Forgets the translation of one page, and whatever intermediate entries led there.
/// Context: any.
inline void flush_tlb_page(VirtAddr page);

/// Forgets every translation.
/// Context: any.
inline void flush_tlb_all();

/// Makes the table whose root lies at `root` the one that this CPU translates with, and forgets
/// every translation of the one before. Both must map the running code, its stack and its data
/// alike.
/// Context: any; once per CPU (the boot CPU, when mm has built the final table).
inline void load_page_table(PhysAddr root);

}  // namespace fathom::arch

#include <native/tlb.hpp>
