// Policy `conditional`: as `packed`, but by the facts where the hardware and the kernel keep them.
//
// The interrupt mask is read from the flags register and the depth from memory: two tests at every
// site. On x86_64 the flags can only be read over the stack (pushfq), so the check of the stack
// uses the stack: harmless only because a section's window covers the eight bytes, too.
//
// Legality:   as `rules`: preemptible context only.
// Lesson:     asking the hardware what the kernel knows is the dearest way to learn it.
// Literature: OSv, the first form of the check inside irq_disable() and preempt_disable(), which
//             cost 15 to 20 % of malloc and free.

#pragma once

#include <context/policies/packed.hpp>

namespace fathom {

struct ConditionalPolicy : PackedPolicy {
    static constexpr const char* kName = "conditional";

    static constexpr arch::Touch touch(Rule) { return arch::Touch::if_open; }
};

}  // namespace fathom
