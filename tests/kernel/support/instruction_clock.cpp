// Whether the machine counts instructions instead of time.
//
// Context: preemptible; measures with interrupts off.

#include <kernel/support/instruction_clock.hpp>

#include <cstdint>

#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>

namespace fathom {

namespace {

std::uint64_t time_a_loop(Preemptible here) {
    IrqsOff atomic{here, window<512>};
    const std::uint64_t begin = arch::read_cycles();
    for (unsigned turn = 0; turn < 10'000; ++turn) {
        asm volatile("" : "+r"(turn));
    }
    return arch::read_cycles() - begin;
}

}  // namespace

bool cycles_are_instructions(Preemptible here) {
    // aarch64 with -icount: 62.5 MHz of ticks at one instruction each is exact, too.
    const std::uint64_t first = time_a_loop(here);
    for (unsigned again = 0; again < 8; ++again) {
        const std::uint64_t next = time_a_loop(here);
        if (next > first + 1 || first > next + 1) {
            return false;
        }
    }
    return true;
}

}  // namespace fathom
