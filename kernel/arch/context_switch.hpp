// Contract: park the running thread, resume another. Four paths, two ways out and two ways in.
//
// Owns:    the switch. A ResumeRecord holds either a full trap frame (the thread was interrupted)
//          or the callee-saved registers (it called the scheduler); a tag tells them apart.
// Context: atomic, interrupts off, run queue unlocked; see each.
// Story:   called by sched/scheduler.cpp; the assembly is in arch/<arch>/context_switch.S.

#pragma once

#include <arch/thread_anchor.hpp>
#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

/// Voluntary out: saves the callee-saved registers, sp and the return address in `out.resume`,
/// clears `out.on_cpu` (release) once nothing of its stack is needed any more, then resumes `in` by
/// its tag. Returns when somebody resumes `out`, maybe on another CPU. `in.on_cpu` and
/// `in.cpu_index` must be set already; no reschedule may be pending. Every caller's context word is
/// the same, so on x86_64 none is saved.
/// Context: the running thread's own stack, interrupts off: depth 1, no preemption off.
extern "C" void fathom_switch(ThreadAnchor* out, ThreadAnchor* in);

/// Preempted out, first half: copies the trap frame, with the interrupted context word in it, into
/// `out.resume` and clears `out.on_cpu` (release). After this `out` may run elsewhere.
/// Context: trap stack, interrupts off.
void park_frame(ThreadAnchor& out, const TrapFrame& frame);

/// Preempted out, second half: leaves the trap stack for good (and puts its IST slot back) and
/// resumes `in` by its tag. Also how a CPU starts its first thread.
/// Context: trap stack, interrupts off: depth 1, no preemption off, no reschedule pending.
extern "C" [[noreturn]] void fathom_resume(ThreadAnchor* in);

/// Makes `anchor` start in `entry(argument)` on `stack_top` (16-byte aligned), atomic: with an
/// interrupt depth of 1, which thread_begin() takes off. `entry` never returns. Touches nothing of
/// the stack: its creator has populated what the entry needs.
void init_resume_record(ThreadAnchor& anchor, VirtAddr stack_top, void (*entry)(void*),
                        void* argument);

/// Takes a new thread from its atomic birth to preemptible: depth 1 to 0, interrupts on, recorded
/// as a site (Turn::thread_start). True if a reschedule is pending.
[[nodiscard]] inline bool thread_begin();

/// For backtraces, the debugger and who trims stacks: where a parked thread would go on.
struct ParkedState {
    VirtAddr pc;
    VirtAddr sp;
    VirtAddr frame_pointer;
    bool was_interrupted;
    std::uint64_t context_word;  ///< as it will find it
};
ParkedState parked_state(const ThreadAnchor& anchor);

/// Makes a parked thread that was interrupted go on at `pc` instead.
/// Context: any, while the thread is kept from running.
void set_parked_pc(ThreadAnchor& anchor, VirtAddr pc);

}  // namespace fathom::arch

#include <native/context_switch.hpp>
