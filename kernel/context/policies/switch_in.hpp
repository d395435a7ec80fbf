// Policy `switch_in`: as `switch_in_alone`, and sound: what the switch could not know is served
// when it happens.
//
// The repair: a section that goes below what was populated at the switch is given a page by the
// fault handler, in any context, from frames that are kept for it. The switch then only makes such
// faults rare; and where it finds no frame at hand it may leave the window as it is, for the
// scheduler must not wait for memory either.
//
// Legality:   any context, as `exception_stack`, with the same end when the frames are gone.
// Lesson:     the repair is a design of its own. Once it is there, populating at each switch buys
//             fewer faults in sections, and each switch pays for it: compare the rows.
// Literature: switch_in_alone's, and the three spare pages per CPU of the first dynamic kernel
//             stacks (P. Tatashin, 2024). Asking at each site whether the thread has gone deeper
//             would be sound as well: it costs more than the load of `rules`, and needs no switch.
// Context:    any; no state.

#pragma once

#include <context/policies/switch_in_alone.hpp>

namespace fathom {

struct SwitchInPolicy : SwitchInAlonePolicy {
    static constexpr const char* kName = "switch_in";
    static constexpr bool kSound = true;
    static constexpr bool kGrowsWhileAtomic = true;
};

}  // namespace fathom
