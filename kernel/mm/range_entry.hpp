// The page-table entry of a range's page: what address_space.cpp and the fault look at.
//
// Owns:    entry_of().
// Context: interrupts off: page_table.hpp, rule 1.

#pragma once

#include <cstdint>

#include <lib/units.hpp>
#include <mm/kernel_space.hpp>

namespace fathom::mm {

/// The level-1 entry of `page`, 0 where there is none: a marker, or the page itself.
/// Context: atomic, interrupts off.
inline std::uint64_t entry_of(VirtAddr page) {
    const EntryPlace place = kernel_table.find(page);
    return place.entry == nullptr ? 0 : __atomic_load_n(place.entry, __ATOMIC_RELAXED);
}

}  // namespace fathom::mm
