// Contract: what a page-table entry looks like, and the one way to write one.
//
// Owns:    PageTableFormat (an alias for this architecture's) and publish_entries().
// Context: any. The format is constexpr only, so that host tests can drive both.
// Story:   used by mm/page_table.hpp through mm/kernel_space.hpp.

#pragma once

#include <cstdint>

#include <arch/protection.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

// struct X86PageTableFormat / Aarch64PageTableFormat: in native/page_table_format.hpp, with
//   kLevels, kIndexBits                 levels are numbered from 1 (pages) up to kLevels (root)
//   kLargestLeaf                        the highest level at which an entry may map memory itself
//   leaf(PhysAddr, Protection, level)   an entry that maps memory
//   table(PhysAddr)                     an entry that points to the next table down
//   lazy(Protection)                    a NON-present entry: "populate on first touch, like so"
//   is_present, is_lazy, is_leaf(entry, level), address(entry), protection(entry)

/// Makes entries that were just written visible to the walks of every CPU, and to the instructions
/// that follow here. For entries that were not present before: a change of a present one needs a
/// TLB flush (arch/tlb.hpp) besides. native/page_table_entry.hpp quotes the manual.
/// Context: any.
inline void publish_entries();

}  // namespace fathom::arch

#include <native/page_table_entry.hpp>
