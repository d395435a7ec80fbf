// What the CPU says about a trap (ESR_EL1, FAR_EL1), in the kernel's words.
//
// Owns:    decoding. Nothing here decides: every way out is an upcall of arch/trap.hpp.
// Context: trap stack (panic stack for nested ones), interrupts off, depth counted.
// Story:   comes from vectors.S; goes on in sched/trap_dispatch.cpp. Numbers: Arm ARM, D17.2.37.

#include <arch/trap.hpp>

#include <arch/cpu_local.hpp>
#include <arch/system_call.hpp>

#include "syndrome.hpp"
#include "system_register.hpp"

namespace fathom::arch {
namespace {

/// A page that is missing, or one that does not allow it.
[[gnu::always_inline]] inline void handle_page_fault(TrapFrame& frame) {
    handle_page_fault_trap(frame, {FATHOM_READ_REGISTER(far_el1)});
}

/// Everything but the first touch of a page: out of line, so that the first touch saves no register
/// on account of it.
[[gnu::noinline]] void handle_other_sync(TrapFrame& frame, Syndrome syndrome) {
    if (syndrome.is_page_fault()) {
        handle_page_fault(frame);
    } else if (syndrome.is_system_call()) {
        begin_system_call(frame);
    } else if (!syndrome.is_debug() || !handle_debug_trap(frame)) {
        handle_fatal_trap(frame, syndrome.fatal_kind(), syndrome.bits(), nullptr);
    }
}

/// Where the trap that was being handled has its frame: at the top of the trap stack, if the
/// handler's sp lies on it or has run off its end.
const TrapFrame* outer_frame(const TrapFrame& nested) {
    constexpr std::uint64_t kRange = KiB(128);  // the largest trap stack and the gap below it
    const std::uint64_t top = fathom_trap_stack_tops[this_cpu_index()].traps;
    const std::uint64_t used = top - nested.sp;
    const bool on_trap_stack = used >= sizeof(TrapFrame) && used <= kRange;
    return on_trap_stack ? reinterpret_cast<const TrapFrame*>(top - sizeof(TrapFrame)) : nullptr;
}

}  // namespace

FaultInfo describe_page_fault(const TrapFrame& frame, VirtAddr address) {
    const Syndrome syndrome(FATHOM_READ_REGISTER(esr_el1));
    return {.address = address,
            .access = syndrome.access(),
            .protection = !syndrome.is_translation_fault(),
            .context_word = frame.context_word,
            .irqs_on = frame_irqs_on(frame)};
}

extern "C" void fathom_handle_sync(TrapFrame& frame) {
    const Syndrome syndrome(FATHOM_READ_REGISTER(esr_el1));
    if (!syndrome.is_missing_page()) [[unlikely]] {
        return handle_other_sync(frame, syndrome);
    }
    handle_page_fault(frame);
}

// Vectors 4 to 7: synchronous, IRQ, FIQ, SError. The two in the middle are masked in every handler.
extern "C" [[noreturn]] void fathom_handle_nested(TrapFrame& frame, std::uint64_t vector) {
    const Syndrome syndrome(FATHOM_READ_REGISTER(esr_el1));
    FatalTrap trap = FatalTrap::unexpected;
    if (vector == 4) {
        trap = syndrome.is_page_fault() ? FatalTrap::nested_page_fault : syndrome.fatal_kind();
    } else if (vector == 7) {
        trap = FatalTrap::machine_check;
    }
    handle_fatal_trap(frame, trap, syndrome.bits(), outer_frame(frame));
}

extern "C" [[noreturn]] void fathom_handle_unexpected(TrapFrame& frame, std::uint64_t vector) {
    const FatalTrap trap = vector == 3 ? FatalTrap::machine_check : FatalTrap::unexpected;
    handle_fatal_trap(frame, trap, FATHOM_READ_REGISTER(esr_el1), nullptr);
}

}  // namespace fathom::arch
