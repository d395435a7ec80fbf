// x86_64: which format, and what it takes for a new entry to be seen.

#pragma once

#include <native/page_table_format.hpp>

namespace fathom::arch {

using PageTableFormat = X86PageTableFormat;

// Nothing. A not-present entry is never cached, so making one present needs no invalidation; at
// worst another CPU takes a fault that finds the page there and retries (SDM vol. 3A, 4.10.2.3 and
// 4.10.4.3, "Optional Invalidation"). Stores become visible to the walkers in program order, since
// walks are loads from write-back memory under the same ordering (4.10.1, 8.2). What remains is to
// keep the compiler from moving the accesses that need the mapping before the store that makes it.
[[gnu::always_inline]] inline void publish_entries() { asm volatile("" ::: "memory"); }

}  // namespace fathom::arch
