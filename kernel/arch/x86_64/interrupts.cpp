// Interrupts: acknowledge first, then call whom it is for, then perhaps another thread.
//
// The EOI comes before the upcalls because the last of them may switch threads and never return
// here; interrupts stay off until then, so nothing comes in between.
//
// Owns:    handle_interrupt().
// Context: exception stack, interrupts off.
// Story:   called by trap.cpp; goes on in sched/trap_dispatch.cpp.

#include <native/interrupts.hpp>

#include <arch/timer.hpp>
#include <arch/trap.hpp>
#include <native/local_apic.hpp>
#include <native/local_timer.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {

void handle_interrupt(TrapFrame& frame) {
    if (frame.vector == kSpuriousVector) {
        return;
    }
    if (frame.vector >= kLegacyPicVector && frame.vector < kLegacyPicVector + 16) {
        return;  // a spurious one from a masked 8259, which does not know the local APIC's EOI
    }
    end_of_interrupt();
    switch (frame.vector) {
    case kTimerVector:
        if (timer_has_expired()) {
            handle_timer_interrupt(frame);
        }
        break;
    case kRescheduleVector: handle_reschedule_ipi(); break;
    case kShootdownVector: handle_shootdown_ipi(); break;
    case kInspectionVector: handle_inspection_ipi(frame); break;
    case kConsoleVector: handle_console_interrupt(); break;
    default: handle_fatal_trap(frame, FatalTrap::unexpected, frame.vector, nullptr);
    }
    before_interrupt_return(frame);
}

}  // namespace fathom::arch
