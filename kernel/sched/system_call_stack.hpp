// The stack that a thread's system calls run on: made at its first call, gone with the thread.
//
// Owns:    those stacks.
// Context: see each.
// Story:   made by fathom_prepare_system_call(); given back by free_thread().

#pragma once

#include <cstddef>

#include <build_options.hpp>
#include <lib/units.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Instrumented code has larger frames.
inline constexpr std::size_t kSystemCallStackBytes = kHardened ? KiB(16) : KiB(8);

/// The top of the thread's system call stack; 0 where it has made no call yet.
/// Context: any.
inline VirtAddr system_call_stack_top(const Thread& thread) {
    return {thread.system_call_stack & ~std::uint64_t{1}};
}

/// How far down the thread uses its own stack, given its sp: it is that sp, or what it was when the
/// thread made the system call that it is in. A thread that has left its stack for one of its own
/// making (a stack in a range) may rely on all of it: then it is the stack's lowest byte.
/// Context: any, while the thread stays where it is.
VirtAddr own_stack_pointer(const Thread& thread, VirtAddr sp);

/// Gives the stack back, if there is one: of a thread that has ended, or one's own outside of any
/// call.
/// Context: preemptible, may fault; no spinlock held.
void free_system_call_stack(Thread& thread, Preemptible here);

/// How many there are.
/// Context: any.
std::size_t system_call_stacks();

}  // namespace fathom
