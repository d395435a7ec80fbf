// "Let there be at least so many bytes of stack": the call of policy `ensure` ahead of a section.
//
// Owns:    ensure_stack().
// Context: preemptible, may fault.
// Story:   called by context/atomic_scope.hpp.

#pragma once

namespace fathom {

/// Returns when the caller's stack is populated down to `bytes` (at most kLargestWindow) below its
/// sp; may wait for memory.
/// Context: preemptible, may fault; inside kernel.
void ensure_stack(unsigned bytes);

}  // namespace fathom
