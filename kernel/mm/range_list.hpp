// Who has which addresses: the list of ranges.
//
// The lock guards the list alone, and is held for a walk of it. Whoever works on a range's pages
// first claims the range, so that nobody else does. No fault looks here: what it must know stands
// in the page-table entries.
//
// Owns:    the list, the choice of addresses.
// Context: preemptible.
// Story:   used by address_space.cpp and range_advice.cpp.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/address_space.hpp>

namespace fathom::mm {

struct Range {
    VirtAddr lowest;  ///< below `begin` where it is a stack: its gap and the page for prefaults
    VirtAddr begin;
    VirtAddr end;
    Range* next;
    bool busy;  ///< somebody has claimed it
};

/// Whether [begin, begin + bytes) may be a part of a range, by its begin and its size.
/// Context: any.
constexpr bool is_part(VirtAddr begin, std::uint64_t bytes) {
    return bytes != 0 && bytes <= kRangeEnd - kRangeBase && is_aligned(begin.value, kPageSize);
}

/// A new range of so many bytes and `bytes_below` under them, with an unmapped page on either side;
/// claimed, in the list, nothing mapped yet.
/// Errors: out_of_memory (no block for it, or no hole).
/// Context: preemptible, may fault; inside mm.
Result<Range*> add_range(std::uint64_t bytes, std::uint64_t bytes_below, Preemptible);

/// Claims the range that begins at `begin`.
/// Errors: not_found, busy.
/// Context: preemptible, may fault; inside mm.
Result<Range*> claim_range(VirtAddr begin, Preemptible);

/// Claims the range that holds all of [begin, end).
/// Errors: not_found, busy.
/// Context: preemptible, may fault; inside mm.
Result<Range*> claim_range_around(VirtAddr begin, VirtAddr end, Preemptible);

/// Lets a claimed range go.
/// Context: preemptible, may fault; inside mm.
void unclaim_range(Range&, Preemptible);

/// Takes a claimed range, of which nothing is mapped any more, out of the list and frees it.
/// Context: preemptible, may fault; inside mm.
void forget_range(Range&, Preemptible);

}  // namespace fathom::mm
