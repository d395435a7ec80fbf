// An interrupt: taken from the controller, ended there, handed to the kernel.
//
// Owns:    the order of those three. The controller is told that it is over BEFORE the kernel acts,
//          because what it does may be to resume another thread and never come back.
// Context: trap stack, interrupts off, depth counted.
// Story:   comes from vectors.S; goes on in sched/trap_dispatch.cpp.

#include <arch/console.hpp>
#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/trap.hpp>

#include "console.hpp"
#include "gic.hpp"
#include "timer.hpp"

namespace fathom::arch {
namespace {

/// Quiets the source, so that ending the interrupt does not raise it again at once.
void quiet(std::uint32_t interrupt) {
    if (interrupt == timer_interrupt()) {
        silence_timer();
    } else if (interrupt == machine.facts.uart_interrupt) {
        acknowledge_console_interrupt();
    }
}

/// One that nobody has let through is fatal, as on x86_64: the controller is not in the state that
/// we believe it to be in, and a source that nobody quiets would come back for ever.
void handle(TrapFrame& frame, std::uint32_t interrupt) {
    if (interrupt == timer_interrupt()) {
        handle_timer_interrupt(frame);
    } else if (interrupt == gic::sgi_reschedule) {
        handle_reschedule_ipi();
    } else if (interrupt == gic::sgi_shootdown) {
        handle_shootdown_ipi();
    } else if (interrupt == gic::sgi_stop) {
        handle_stop(frame);
    } else if (interrupt == machine.facts.uart_interrupt) {
        handle_console_interrupt();
    } else if (interrupt == gic::sgi_inspection) {
        handle_inspection_ipi(frame);
    } else {
        handle_fatal_trap(frame, FatalTrap::unexpected, interrupt, nullptr);
    }
}

gic::SoftwareInterrupt number_of(Ipi ipi) {
    switch (ipi) {
    case Ipi::reschedule: return gic::sgi_reschedule;
    case Ipi::shootdown: return gic::sgi_shootdown;
    case Ipi::inspection: return gic::sgi_inspection;
    }
    __builtin_unreachable();
}

}  // namespace

extern "C" void fathom_handle_irq(TrapFrame& frame) {
    const std::uint32_t acknowledged = gic::acknowledge();
    const std::uint32_t interrupt = acknowledged & 0x3ff;
    if (interrupt >= gic::kFirstSpecialId) {
        return;  // not an interrupt: one that was taken back before we looked, or another group's
    }
    quiet(interrupt);
    gic::end(acknowledged);
    handle(frame, interrupt);
    before_interrupt_return(frame);
}

void send_ipi(std::uint32_t cpu_index, Ipi ipi) {
    gic::send(cpu_index, number_of(ipi));
}

void stop_other_cpus(std::uint32_t online_cpus) {
    for (std::uint32_t index = 0; index < kMaxCpus; ++index) {
        if ((online_cpus >> index & 1) != 0 && index != this_cpu_index()) {
            gic::send(index, gic::sgi_stop);
        }
    }
}

}  // namespace fathom::arch
