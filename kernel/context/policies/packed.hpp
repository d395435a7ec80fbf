// Policy `packed`: the disable function itself looks whether it is called in preemptible context.
//
// Nobody states anything, so every site pays: the context word is tested, and in preemptible
// context the stack is touched for the deepest section of the kernel, since the function cannot
// know which section it begins.
//
// Legality:   as `rules`: preemptible context only.
// Lesson:     one word that packs both depths makes the test as cheap as it can be; it still costs
//             two instructions where nothing can be wrong, and the window is everybody's largest.
// Literature: OSv, the second form of the check inside irq_disable() and preempt_disable(), given
//             up for the rules; the sound window is ours.

#pragma once

#include <context/policies/rules.hpp>

namespace fathom {

struct PackedPolicy : RulesPolicy {
    static constexpr const char* kName = "packed";

    static constexpr arch::Touch touch(Rule) { return arch::Touch::if_preemptible; }

    /// For whatever section may follow.
    static constexpr unsigned window(unsigned) { return kLargestWindow; }
};

}  // namespace fathom
