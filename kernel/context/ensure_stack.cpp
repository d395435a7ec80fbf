// Two touches, at most a page apart: by the lemma of docs/rules.md nothing is absent between them.
//
// Context: preemptible.

#include <context/ensure_stack.hpp>

#include <arch/stack_probe.hpp>
#include <lib/units.hpp>

namespace fathom {

// Our own sp is below the caller's, so this is a little more than was asked for.
[[gnu::noinline]] void ensure_stack(unsigned bytes) {
    const VirtAddr sp{arch::stack_pointer()};
    static_cast<void>(*sp.as<const volatile char>());
    static_cast<void>(*(sp - bytes).as<const volatile char>());
}

}  // namespace fathom
