// Inter-processor interrupts through the local APIC.
//
// Owns:    arch/ipi.hpp.
// Context: each as said there.

#include <arch/ipi.hpp>

#include <atomic>

#include <arch/cpu_local.hpp>
#include <native/interrupts.hpp>
#include <native/local_apic.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {
namespace {

constinit std::atomic<bool> stopping = false;

std::uint32_t vector_of(Ipi ipi) {
    switch (ipi) {
    case Ipi::reschedule: return kRescheduleVector;
    case Ipi::shootdown: return kShootdownVector;
    case Ipi::inspection: return kInspectionVector;
    }
    __builtin_unreachable();
}

}  // namespace

// The command register is uncached: writing it comes after every store before it.
void send_ipi(std::uint32_t cpu_index, Ipi ipi) {
    send_apic_command(cpu_locals[cpu_index].apic_id, ApicCommand::fixed, vector_of(ipi));
}

// An NMI arrives with interrupts off too, which is the point.
void stop_other_cpus(std::uint32_t online_cpus) {
    stopping.store(true, std::memory_order_release);
    for (std::uint32_t index = 0; index < kMaxCpus; ++index) {
        if (index != this_cpu_index() && (online_cpus >> index & 1) != 0) {
            send_apic_command(cpu_locals[index].apic_id, ApicCommand::nmi, 0);
        }
    }
}

bool stop_requested() { return stopping.load(std::memory_order_acquire); }

}  // namespace fathom::arch
