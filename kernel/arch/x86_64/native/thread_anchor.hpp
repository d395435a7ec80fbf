// x86_64: the running thread's anchor lies at %gs:8.

#pragma once

#include <cstddef>

#include <native/asm_offsets.h>

namespace fathom::arch {

static_assert(offsetof(ThreadAnchor, on_cpu) == ANCHOR_ON_CPU);
static_assert(offsetof(ThreadAnchor, resume) == ANCHOR_RESUME);
static_assert(offsetof(ThreadAnchor, system_call_stack) == ANCHOR_SYSTEM_CALL_STACK);

// Not volatile: the answer is the same for the whole life of a thread, so it may be reused.
[[gnu::always_inline]] inline ThreadAnchor* current_thread_anchor() {
    ThreadAnchor* anchor;
    asm("movq %%gs:%c1, %0" : "=r"(anchor) : "i"(CPU_CURRENT));
    return anchor;
}

}  // namespace fathom::arch
