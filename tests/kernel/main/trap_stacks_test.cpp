// Trap stacks are used, but never near their end.
//
// What would break without it: a handler that has grown deeper than its stack overflows only in the
// rare case that nests deepest; its high-water mark shows how near it came.

#include <runner/test.hpp>

#include <bit>

#include <arch/cpu_local.hpp>
#include <context/online_cpus.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <main/trap_stacks.hpp>
#include <sched/clock.hpp>

namespace fathom {

KERNEL_TEST("main: no trap stack has been used beyond three quarters of its size") {
    touch_own_stack(30);         // stack faults
    sleep_for(2'000'000, here);  // and timer interrupts
    std::uint64_t used_at_all = 0;
    for (CpuMask left = online_cpus(); left != 0; left &= left - 1) {
        const auto cpu = static_cast<std::uint32_t>(std::countr_zero(left));
        for (std::size_t stack = 0; stack < arch::trap_stack_count(); ++stack) {
            const arch::TrapStackInfo info = arch::trap_stack_info(stack);
            const std::uint64_t used = trap_stack_high_water(cpu, stack);
            EXPECT_LE(test, used, info.size_bytes * 3 / 4);
            used_at_all += used;
        }
    }
    EXPECT_GT(test, used_at_all, 0u);
}

}  // namespace fathom
