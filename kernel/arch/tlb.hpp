// Contract: forgetting cached translations.

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

}  // namespace fathom::arch

#include <native/tlb.hpp>
