// What syscall does: segments, entry, flags (SDM vol. 3A, 5.8.8).
//
// Context: once per CPU, interrupts off. CONTROL_EFER has switched the instruction on.

#include <arch/system_call.hpp>

#include <native/instructions.hpp>

namespace fathom::arch {

extern "C" void fathom_system_call_entry();

// The selectors of code and data, the second 8 above the first: the privilege level stays 0. The
// flags that are cleared: interrupts, for the entry has no stack yet; single steps, whose trap
// would find none either; direction, which C++ expects clear; nested task, with which iretq would
// look for another task.
void init_system_calls() {
    constexpr std::uint64_t kTrap = 1u << 8;
    constexpr std::uint64_t kInterrupts = 1u << 9;
    constexpr std::uint64_t kDirection = 1u << 10;
    constexpr std::uint64_t kNestedTask = 1u << 14;
    static_assert(SELECTOR_DATA == SELECTOR_CODE + 8);
    write_msr(kMsrCallSegments, std::uint64_t{SELECTOR_CODE} << 32);
    write_msr(kMsrCallEntry, reinterpret_cast<std::uint64_t>(&fathom_system_call_entry));
    write_msr(kMsrCallClearedFlags, kTrap | kInterrupts | kDirection | kNestedTask);
}

}  // namespace fathom::arch
