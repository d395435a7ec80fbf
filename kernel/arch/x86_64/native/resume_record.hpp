// x86_64: where a parked thread goes on. One slot of 176 bytes, two ways to fill it.
//
// Owns:    ResumeRecord.
// Context: any.
// Story:   written by context_switch.S (called out) or park_frame() (interrupted); read by
//          fathom_switch and fathom_resume, which tell the two apart by `frame.vector`.

#pragma once

#include <native/trap_frame.hpp>

namespace fathom::arch {

/// A trap frame, whole where the thread was interrupted: iretq then takes it straight from here.
/// Where the thread called fathom_switch (vector = TAG_CALLED_SWITCH) only rbx, rbp, r12-r15, rsp
/// and rip mean anything, at the same places.
struct ResumeRecord {
    TrapFrame frame;

    bool called_switch() const { return frame.vector == TAG_CALLED_SWITCH; }
    bool was_interrupted() const { return frame.vector < 256; }
};
static_assert(sizeof(ResumeRecord) == FRAME_SIZE);

}  // namespace fathom::arch
