// Site records: eight bytes for every place that turns interrupts or preemption off or on.
//
// The records are left behind by the asm blocks themselves (native/stack_probe.hpp), so a copy that
// the compiler inlines somewhere has a record of its own. One table serves the prover, the kernel's
// listing, GDB and the adversaries.
//
// Owns:    SiteRecord and the table's bounds.
// Context: any; constant.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <arch/stack_probe.hpp>
#include <context/rule.hpp>
#include <lib/units.hpp>

namespace fathom {

/// One site. The sequence [pc, pc + length) is restartable up to its last instruction: whoever
/// takes pages from a thread whose saved pc lies inside sets it back to pc().
struct SiteRecord {
    std::int32_t offset;         ///< of the first instruction, from this field
    std::uint8_t rule_and_turn;  ///< low 4 bits: arch::Turn; high 4 bits: rule, 1 to 5
    std::uint8_t length;         ///< of the sequence, in bytes
    std::uint16_t window;        ///< bytes below sp that are touched ahead; 0 where none

    VirtAddr pc() const {
        return {reinterpret_cast<std::uint64_t>(&offset) +
                static_cast<std::uint64_t>(static_cast<std::int64_t>(offset))};
    }
    Rule rule() const { return static_cast<Rule>(rule_and_turn >> 4); }
    arch::Turn turn() const { return static_cast<arch::Turn>(rule_and_turn & 15); }
};
static_assert(sizeof(SiteRecord) == 8);

// Bounds set by the linker scripts.
extern "C" const SiteRecord fathom_sites_begin[];
extern "C" const SiteRecord fathom_sites_end[];

/// Every site of the kernel, in no particular order.
inline std::span<const SiteRecord> all_sites() { return {fathom_sites_begin, fathom_sites_end}; }

/// The site that the code at `pc` is about to enter: it has begun, its prefault may be done, and
/// the section has not. Null outside of all such sequences. Whoever takes pages below sp from code
/// that was interrupted there sets it back to pc() of the site. Looks at every record.
/// Context: any.
inline const SiteRecord* site_being_entered(VirtAddr pc) {
    for (const SiteRecord& site : all_sites()) {
        // Only what enters has a window; ways out may not be taken twice.
        if (site.window != 0 && pc - site.pc() < site.length && pc != site.pc()) {
            return &site;
        }
    }
    return nullptr;
}

}  // namespace fathom
