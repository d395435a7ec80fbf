// aarch64: invalidation is broadcast by the hardware; one CPU does it for all.

#pragma once

#include <lib/proof_fact.h>
#include <lib/units.hpp>

namespace fathom::arch {

inline constexpr bool kTlbFlushReachesAllCpus = true;

// dsb ishst: the change of the table is visible to every walker before its old copies go; dsb ish:
// they are gone everywhere; isb: so they are for what this CPU has already fetched (Arm ARM,
// D8.13.5). The operand is the page number: VA[55:12] in bits 43:0. "aa": in every address space.
[[gnu::always_inline]] inline void flush_tlb_page(VirtAddr page) {
    const std::uint64_t number = page.value << 8 >> 20;
    asm volatile(
        "dsb ishst\n"
        "tlbi vaae1is, %0\n"
        "dsb ish\n"
        "isb\n" ::"r"(number)
        : "memory");
}

[[gnu::always_inline]] inline void flush_tlb_all() {
    asm volatile(
        "dsb ishst\n"
        "tlbi vmalle1is\n"
        "dsb ish\n"
        "isb\n" ::
            : "memory");
}

/// The ASID of the kernel's tables; the boot tables' entries are not global and belong to ASID 0.
/// With TCR_EL1.A1 set TTBR1 holds the ASID, so one write changes both, and an old 1 GiB
/// translation can never meet a new one of the same address.
inline constexpr std::uint64_t kKernelAsid = 1;

/// TCR_EL1.EPD0: no walks by TTBR0, so that addresses of the lower half fault.
inline constexpr std::uint64_t kNoLowerHalf = 1 << 7;

[[gnu::always_inline]] inline void load_page_table(PhysAddr root) {
    std::uint64_t control;
    asm volatile("mrs %0, tcr_el1" : "=r"(control));
    asm volatile(
        "dsb ishst\n"  // the table's entries before its first walk
        "775: msr ttbr1_el1, %0\n"
        "msr tcr_el1, %1\n"
        "776:\n"
        "isb\n"
        "tlbi vmalle1\n"  // this CPU's only: the others load their own
        "dsb nsh\n"
        "isb\n" FATHOM_PROOF_ENTRY_CODE ::"r"(root.value | kKernelAsid << 48),
        "r"(control | kNoLowerHalf)
        : "memory");
}

}  // namespace fathom::arch
