// x86_64: invlpg and CR3. CR4.PGE stays off, so no entry is global and a CR3 write forgets them
// all: with one address space for everything there is nothing to gain by global pages.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// invlpg reaches the CPU that executes it and no other.
inline constexpr bool kTlbFlushReachesAllCpus = false;

// Also drops the paging-structure caches for this address (SDM vol. 3A, 4.10.4.1).
[[gnu::always_inline]] inline void flush_tlb_page(VirtAddr page) {
    asm volatile("invlpg (%0)" : : "r"(page.value) : "memory");
}

inline void load_page_table(PhysAddr root) {
    asm volatile("movq %0, %%cr3" : : "r"(root.value) : "memory");
}

/// The root that this CPU translates with now.
/// Context: any.
inline PhysAddr loaded_page_table() {
    std::uint64_t root;
    asm volatile("movq %%cr3, %0" : "=r"(root));
    return {root & ~std::uint64_t{0xfff}};
}

inline void flush_tlb_all() { load_page_table(loaded_page_table()); }

}  // namespace fathom::arch
