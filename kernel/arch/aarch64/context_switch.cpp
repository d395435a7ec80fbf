// The parts of the switch that C++ can do: parking a frame, making a first record, reading one.
//
// Context: see arch/context_switch.hpp.

#include <arch/context_switch.hpp>

#include <arch/cpu_local.hpp>
#include <native/born_atomic.hpp>

namespace fathom::arch {

TrapStackTops fathom_trap_stack_tops[kMaxCpus];

void park_frame(ThreadAnchor& out, const TrapFrame& frame) {
    out.resume.frame = frame;  // its kind says "interrupted" since entry
    out.on_cpu.store(0, std::memory_order_release);
}

// The record of a thread that was "interrupted" just before its first instruction.
void init_resume_record(ThreadAnchor& anchor, VirtAddr stack_top, void (*entry)(void*),
                        void* argument) {
    anchor.context_word = kBornAtomic;
    TrapFrame& frame = anchor.resume.frame;
    frame = {};  // x29 and x30 are 0: backtraces end at the entry
    frame.x[0] = reinterpret_cast<std::uint64_t>(argument);
    frame.sp = stack_top.value;
    frame.pc = reinterpret_cast<std::uint64_t>(entry);
    frame.pstate = kPstateThread | kPstateIrqMasked;
    frame.context_word = kBornAtomic;
    frame.kind = FrameKind::interrupted;
}

ParkedState parked_state(const ThreadAnchor& anchor) {
    const TrapFrame& frame = anchor.resume.frame;
    const bool interrupted = frame.kind == FrameKind::interrupted;
    return {.pc = {interrupted ? frame.pc : frame.x[30]},
            .sp = {frame.sp},
            .frame_pointer = {frame.x[29]},
            .was_interrupted = interrupted,
            .context_word = interrupted ? frame.context_word : anchor.context_word};
}

void set_parked_pc(ThreadAnchor& anchor, VirtAddr pc) { anchor.resume.frame.pc = pc.value; }

}  // namespace fathom::arch
