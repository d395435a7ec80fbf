// aarch64: where a parked thread keeps its registers.
//
// Owns:    ResumeRecord: 288 bytes, the layout of a trap frame for both kinds of parking. The
//          callee-saved registers of a voluntary switch lie where a frame has them, so that sp and
//          the frame pointer of a parked thread are read in one way.
// Context: any; meaningful only while the thread is not running.
// Story:   written by context_switch.S and park_frame(); read by context_switch.S.

#pragma once

#include <native/trap_frame.hpp>

namespace fathom::arch {

struct ResumeRecord {
    TrapFrame frame;
};

}  // namespace fathom::arch
