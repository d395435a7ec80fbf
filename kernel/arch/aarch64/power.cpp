// How a run ends: with an exact status by semihosting, or by turning the machine off.
//
// Context: any.

#include <arch/power.hpp>

#include "console.hpp"
#include "machine.hpp"
#include "psci.hpp"

namespace fathom::arch {
namespace {

/// SYS_EXIT_EXTENDED (Arm semihosting 2.0): the block is a reason and a status.
void exit_by_semihosting(std::uint64_t status) {
    constexpr std::uint64_t kExitExtended = 0x20;
    constexpr std::uint64_t kApplicationExit = 0x20026;
    const std::uint64_t block[2] = {kApplicationExit, status};
    register std::uint64_t x0 asm("x0") = kExitExtended;
    register const std::uint64_t* x1 asm("x1") = block;
    asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

}  // namespace

void power_off(ExitStatus status) {
    drain_console();
    if (machine.semihosting) {
        machine.semihosting = false;  // where nobody answers, hlt traps: then not a second time
        exit_by_semihosting(static_cast<std::uint64_t>(status));
    }
    psci_system_off();
    halt_forever();
}

}  // namespace fathom::arch
