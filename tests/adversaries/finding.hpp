// What an adversary has found, and how the run ends then.
//
// Owns:    Finding, report_finding().
// Context: debug trap.
// Story:   made by shadow.cpp; the report goes on in panic/, about the stepped thread and not about
//          the trap handler that found it out.

#pragma once

#include <cstdint>

#include <arch/trap_frame.hpp>
#include <context/site.hpp>

namespace fathom {

struct Finding {
    enum class Kind : std::uint8_t {
        none,
        below_window,      ///< a section touched stack that no prefault has made safe
        hole,              ///< the prefault leaves a page out between itself and what was touched
        claims_populated,  ///< rule 1 or 2 stated on a lazily populated stack
        claims_atomic,     ///< rule 3 stated while preemptible
        claims_both_on,    ///< rule 4 stated inside a section
        touch_inside,      ///< a prefault's load inside a section
        no_site,           ///< the context word was raised where the table knows no site
        not_counted,       ///< interrupts are off and the context word does not know
    };
    Kind kind = Kind::none;
    const SiteRecord* site = nullptr;  ///< of the section; null where there is none
    std::uint64_t first = 0;           ///< how far below sp at the site; the gap of a hole; a pc
    std::uint64_t second = 0;          ///< how far was safe
};

/// Ends the kernel with a report about the interrupted code.
/// Context: trap stack, interrupts off.
[[noreturn]] void report_finding(const Finding& finding, const arch::TrapFrame& frame);

}  // namespace fathom
