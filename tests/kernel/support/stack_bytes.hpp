// Touching one's own stack, or somebody's, at a chosen depth.
//
// Owns:    stack_byte(), load(), touch_own_stack().
// Context: preemptible: a touch may be the first.

#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/stack_probe.hpp>
#include <mm/thread_stack.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// A byte in the middle of the page that lies `depth` pages below the stack's top (0: the highest).
/// Context: any; touching it is what may fault.
inline volatile std::byte& stack_byte(const mm::ThreadStack& stack, std::size_t depth) {
    const VirtAddr address = stack.top() - (depth + 1) * kPageSize + kPageSize / 2;
    return *address.as<volatile std::byte>();
}

/// One load.
/// Context: preemptible.
inline std::byte load(const volatile std::byte& byte) { return byte; }

/// Populates the `pages` pages below the stack pointer.
/// Context: preemptible.
inline void touch_own_stack(unsigned pages) {
    for (unsigned page = 1; page <= pages; ++page) {
        const VirtAddr address{arch::stack_pointer() - page * kPageSize};
        static_cast<void>(load(*address.as<volatile std::byte>()));
    }
}

}  // namespace fathom
