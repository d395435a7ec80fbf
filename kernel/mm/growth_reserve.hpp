// The growth reserve: frames for stack faults in atomic sections, under the policies that serve
// those (context/policies/exception_stack.hpp).
//
// The interrupted code may hold any lock, and may stand in the middle of the ordinary reserve. So
// these frames are reached by two only: the fault handler, which takes, and the CPU's refill
// thread, which puts; both with interrupts off, on stacks that are populated. No lock is needed.
//
// Owns:    one GrowthReserve per CPU; empty under all other policies.
// Context: see each.
// Story:   page_fault.cpp takes; the fault asks for more by an interrupt to its own CPU
//          (sched/trap_dispatch.cpp), which wakes sched/memory_refill.cpp.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <context/per_cpu.hpp>
#include <context/witness.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// Upcall: defined in sched/trap_dispatch.cpp. Something is going to be taken: see to it that
/// refill_growth_reserve() runs on this CPU once the interrupted section has ended. Takes no lock.
/// Context: exception stack, interrupts off.
void request_growth_refill(IrqsDisabled);

class GrowthReserve {
public:
    /// Four sections that each need a page and three tables, before anybody could refill.
    static constexpr std::uint32_t kTarget = 16;

    constexpr GrowthReserve() = default;

    static GrowthReserve& this_cpu(IrqsDisabled irqs) { return reserves_.this_cpu(irqs); }

    /// A zeroed frame, or {0}.
    /// Context: exception stack, interrupts off.
    PhysAddr take(IrqsDisabled) { return count_ == 0 ? PhysAddr{0} : frames_[--count_]; }
    /// Puts a zeroed frame in; false when it is full.
    /// Context: exception stack, or a kernel thread's; interrupts off.
    bool add(PhysAddr frame, IrqsDisabled);
    /// Whether a refill has something to do.
    /// Context: any.
    bool needs_refill() const { return count_ != kTarget; }

private:
    std::array<PhysAddr, kTarget> frames_{};
    std::uint32_t count_ = 0;

    static PerCpu<GrowthReserve> reserves_;
};

/// Fills the running CPU's up as far as there is memory.
/// Context: preemptible, may fault; inside kernel, on a thread that stays on its CPU.
void refill_growth_reserve(Preemptible);

}  // namespace fathom::mm
