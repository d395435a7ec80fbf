// Contract: a system call, from its instruction to the kernel's answer and back.
//
// Kernel and applications share one address space and one privilege level, so a plain call does as
// well (the figures compare the two). The instruction is for who is not linked to the kernel, and
// it brings a stack with it: a call runs on its thread's system call stack, which is populated, so
// that nothing in it can fault (rule 2), while the thread's own lazy stack lies still.
//
// The stack is made at a thread's first call and given back when the thread ends. No call is made
// from inside a call: that is refused.
//
// Owns:    system_call(), system_caller(), the two upcalls.
// Context: preemptible, on entry, inside and on return. What comes between is in docs/traps.md.
// Story:   from the instruction to native entry code (arch/<arch>/system_call.S); goes on in
//          sched/system_call.cpp; at the first call of a thread in sched/system_call_stack.cpp.

#pragma once

#include <cstdint>

#include <arch/thread_anchor.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

struct SystemCallArguments {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
};

/// Executes the instruction. Number and answer in rax or x0 (the number of aarch64 in x8), up to
/// three arguments in rdi, rsi, rdx or x0 to x2. It changes rcx and r11, or x16 and x17; all other
/// registers and the flags are as before.
/// Context: preemptible, may fault.
inline std::uint64_t system_call(std::uint64_t number, const SystemCallArguments& arguments);

/// Where the thread was when it made its call.
struct SystemCaller {
    VirtAddr pc;  ///< after the instruction
    VirtAddr sp;
};

/// Who made the call that runs on the system call stack of `thread`.
/// Context: any, while the thread stands on that stack.
inline SystemCaller system_caller(const ThreadAnchor& thread);

}  // namespace fathom::arch

/// Upcall: defined in sched/system_call.cpp. Makes the call.
/// Context: preemptible, on the system call stack.
extern "C" std::uint64_t fathom_system_call(std::uint64_t first, std::uint64_t second,
                                            std::uint64_t third, std::uint64_t number);

/// Upcall: defined in sched/system_call_stack.cpp. The thread cannot make its call as it is: gives
/// it a stack and returns 0, and the instruction is executed again; or returns the call's answer.
/// Context: preemptible, may fault: on the caller's own stack.
extern "C" std::uint64_t fathom_prepare_system_call();

#include <native/system_call.hpp>
