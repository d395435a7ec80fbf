// aarch64: which format, and what it takes for a new entry to be seen.

#pragma once

#include <native/memory_attributes.hpp>
#include <native/page_table_format.hpp>

namespace fathom::arch {

using PageTableFormat = Aarch64PageTableFormat;
static_assert(kNormalMemory == 0 && kDeviceMemory == 1, "kDevice is the low bit of AttrIndx");

// dsb ishst: a walk is a separate observer of memory, and a store to a table is guaranteed to be
// seen by the walks of the Inner Shareable domain only once a DSB has completed after it (Arm ARM,
// D8.17.1 and B2.3.12). No TLBI: an entry that is invalid is not held in a TLB (D8.16.1). isb:
// instructions that this CPU has fetched already must not use the walk of before. TCG would forgive
// both being left out, hardware would not.
[[gnu::always_inline]] inline void publish_entries() {
    asm volatile(
        "dsb ishst\n"
        "isb\n" ::
            : "memory");
}

}  // namespace fathom::arch
