// Policy `rules_osv`: the rules with OSv's prefault, one load a whole page below sp.
//
// UNSOUND, kept to show why. The load at sp - 4096 maps the page of sp - 4096 and only assumes the
// page of sp - 1. After `sub sp, N` nothing between the return address and sp has been touched yet:
// where a page edge falls into that gap, the next push faults in the middle of the section.
//
// Legality:   as `rules`: preemptible context only, which the hole breaks.
// Lesson:     two touched bytes leave no hole between them only if they are at most 4096 apart, and
//             sp itself is not a touched byte.
// Literature: OSv (W. Kozaczuk, 2022). Found by the sweep and the panic test "historic_prefault".

#pragma once

#include <context/policies/rules.hpp>

namespace fathom {

struct RulesOsvPolicy : RulesPolicy {
    static constexpr const char* kName = "rules_osv";
    static constexpr bool kSound = false;

    /// However much the site asks for.
    static constexpr unsigned window(unsigned bytes) { return bytes == 0 ? 0 : 4096; }
};

}  // namespace fathom
