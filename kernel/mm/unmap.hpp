// Taking a range of pages out of the kernel's table, for good.
//
// Owns:    unmap_pages().
// Context: preemptible.

#pragma once

#include <context/witness.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// Takes every entry in [begin, end) out, and the tables that become empty; frees pages and tables
/// when no CPU can reach them any more. Nobody else may map anything there meanwhile.
/// Context: preemptible, may fault.
void unmap_pages(VirtAddr begin, VirtAddr end, Preemptible);

}  // namespace fathom::mm
