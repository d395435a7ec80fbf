// The page-table entry of a range's page: what address_space.cpp and the fault look at.
//
// Owns:    entry_of(), kGapMarker.
// Context: interrupts off (page_table.hpp, rule 1), where nothing else is said.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/kernel_space.hpp>

namespace fathom::mm {

/// The level-1 entry of `page`, 0 where there is none: a marker, or the page itself.
/// Context: atomic, interrupts off.
inline std::uint64_t entry_of(VirtAddr page) {
    const EntryPlace place = kernel_table.find(page);
    return place.entry == nullptr ? 0 : __atomic_load_n(place.entry, __ATOMIC_RELAXED);
}

/// What the entries of a stack's gap hold: a marker for what no page may ever have.
inline constexpr std::uint64_t kGapMarker =
    arch::PageTableFormat::lazy(arch::Protection::device);

/// Populates a page if its entry is a marker; for who has claimed its range.
/// Errors: out_of_memory.
/// Context: preemptible, may fault; inside mm.
Result<void> populate_page(VirtAddr page, Preemptible here);

}  // namespace fathom::mm
