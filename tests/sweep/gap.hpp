// A section that starts below stack which nobody has written: what the sweep looks for.
//
//     ... | frame, written | gap bytes, not written | sp | window | ...
//
// The site touches sp - 512. What lies between that byte and the last written one is safe only if
// it is at most a page: a gap of 256 bytes is, one of 3,800 is not. No function of the kernel has
// such a gap on aarch64 (GCC stores the frame record at sp), so the sweep brings its own.
//
// Owns:    section_below_gap().
// Context: preemptible, on an application thread.

#pragma once

#include <cstddef>

#include <context/atomic_scope.hpp>

namespace fathom {

/// Leaves `gap` bytes above sp unwritten, then writes 16 bytes below sp in an atomic section, as
/// any push in it would. For files that are built without stack probes, which would fill the gap.
/// Context: preemptible, may fault.
template <std::size_t gap>
[[gnu::noinline]] void section_below_gap(Preemptible here) {
#ifdef __clang__
    volatile std::byte unwritten[gap];  // its frame record lies above the locals
#else
    const volatile std::size_t bytes = gap;
    void* const unwritten = __builtin_alloca(bytes);
#endif
    asm volatile("" : : "r"(unwritten));
    PreemptOff atomic{here, window<512>};
    *(VirtAddr{arch::stack_pointer()} - 16).as<volatile std::uint64_t>() = 1;
}

}  // namespace fathom
