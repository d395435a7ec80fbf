// svc: from the trap stack, where nobody may wait, to the thread's system call stack.
//
// Context: exception stack, interrupts off.
// Story:   comes from trap.cpp; returning from the trap leads to system_call.S.

#include <arch/system_call.hpp>

namespace fathom::arch {

extern "C" void fathom_system_call_entry();
extern "C" void fathom_system_call_without_stack();

namespace {

/// PSTATE.NZCV in SPSR_EL1.
constexpr std::uint64_t kFlags = 0xf000'0000;

std::uint64_t address_of(void (*code)()) { return reinterpret_cast<std::uint64_t>(code); }

}  // namespace

// The frame moves: the trap stack must be empty when a thread runs. It goes to the very top of the
// stack of calls, and the call is made right below it. The caller's own stack is not touched, nor
// may it be here: it is lazy.
void begin_system_call(TrapFrame& frame) {
    ThreadAnchor& self = *current_thread_anchor();
    const std::uint64_t top = self.system_call_stack;
    if ((top & 1) != 0) [[unlikely]] {
        frame.x[16] = frame.pc;
        frame.x[17] = frame.pstate & kFlags;
        frame.pc = address_of(&fathom_system_call_without_stack);
        return;
    }
    self.system_call_stack = top | 1;  // a call is under way
    auto& moved = *(VirtAddr{top} - sizeof(TrapFrame)).as<TrapFrame>();
    moved = frame;
    frame.sp = VirtAddr::of(&moved).value;
    frame.pc = address_of(&fathom_system_call_entry);
    frame.pstate = kPstateThread;
}

}  // namespace fathom::arch
