// Ranges of address space that applications ask for: populated at once, or page by page on touch.
//
// A lazy range writes a marker into each of its page-table entries: not present, but saying "on
// first touch, a zeroed page with these rights". So the fault path finds all that it needs in the
// entry that it is going to replace, and takes no lock. The price is the tables: 8 bytes for each
// lazy page.
//
// Owns:    the range at kRangeBase and the list of what is in it.
// Context: preemptible; populate_lazy_page() is the fault's.
// Story:   called by application code; page_fault.cpp calls populate_lazy_page().

#pragma once

#include <cstdint>

#include <arch/protection.hpp>
#include <context/lazy_range.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/page_fault.hpp>

namespace fathom::mm {

inline constexpr VirtAddr kRangeBase{0xffff'b400'0000'0000};
inline constexpr VirtAddr kRangeEnd{0xffff'b500'0000'0000};
static_assert(kRangeBase.value >= kLazyStackEnd, "a fault goes by its address");

enum class Populate : std::uint8_t {
    now,
    on_touch,
    as_stack,  ///< on touch, for a stack pointer to run down in: see map_range()
};

enum class Advice : std::uint8_t {
    will_need,   ///< populated now: no touch of them faults
    not_needed,  ///< the pages go back; what is touched again is zeroed, whatever was there
};

/// Maps `bytes` (rounded up to pages) of zeros somewhere, with an unmapped page on either side.
/// Of a stack, of which begin + bytes is the top: below lie a page for prefaults and 64 KiB that
/// are never mapped, the touch of which is reported as the overflow that it is; the pages that the
/// stack policy wants at creation are there, under `rules` the highest; all, where the policy
/// counts on faults in atomic sections. The rules hold on it as on a thread's own stack.
/// Errors: invalid_argument (0 bytes, or protection `device`), out_of_memory.
/// Context: preemptible, may fault; no spinlock held.
Result<VirtAddr> map_range(std::uint64_t bytes, arch::Protection, Populate, Preemptible);

/// Unmaps all of the range that begins at `begin` and frees its pages. (A part of a range gives its
/// memory back by advice: not_needed.)
/// Errors: not_found (no range begins there), busy.
/// Context: preemptible, may fault; no spinlock held.
Result<void> unmap_range(VirtAddr begin, Preemptible);

/// Changes what a part of a range allows, from `begin` (a multiple of the page size) on; pages that
/// are still to come included.
/// Errors: invalid_argument; not_found (no range holds all of it); busy (another call is at work on
/// the range).
/// What is made executable may be executed, on any CPU, as soon as this has returned; what is to be
/// executed must have been written before the call (arch/code_memory.hpp).
/// Context: preemptible, may fault; no spinlock held.
Result<void> protect_range(VirtAddr begin, std::uint64_t bytes, arch::Protection, Preemptible);

/// Takes advice about a part of a range, from `begin` (a multiple of the page size) on.
/// Errors: invalid_argument; not_found (no range holds all of it); busy; out_of_memory (some pages
/// may be populated then).
/// Context: preemptible, may fault; no spinlock held.
Result<void> advise_range(VirtAddr begin, std::uint64_t bytes, Advice, Preemptible);

/// Populates all of the lazy range that begins at `begin`.
/// Errors: not_found (no range begins there), busy; out_of_memory (some pages may be populated
/// then).
/// Context: preemptible, may fault; no spinlock held.
Result<void> populate_range(VirtAddr begin, Preemptible);

/// Whether `address` lies where ranges are.
/// Context: any.
constexpr bool in_range_space(VirtAddr address) {
    return kRangeBase <= address && address < kRangeEnd;
}

/// Whether `address` lies in the gap below a stack that was mapped here: its entry says so.
/// Context: exception stack, interrupts off.
bool in_range_gap(VirtAddr address, IrqsDisabled);

/// For page_fault.cpp: populates the page of `address` if its entry is a marker.
/// Context: exception stack, interrupts off.
FaultOutcome populate_lazy_page(VirtAddr address, IrqsDisabled);

}  // namespace fathom::mm
