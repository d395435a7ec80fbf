// PSCI calls, by the SMC calling convention (Arm DEN 0028): x0 is function and result, x1 to x3 the
// arguments, x4 to x17 may be lost.
//
// Context: any.

#include "psci.hpp"

#include "machine.hpp"

namespace fathom::arch {
namespace {

enum Function : std::uint64_t {
    system_off = 0x8400'0008,
    cpu_on = 0xc400'0003,
};
enum Status : std::int64_t {
    success = 0,
    not_supported = -1,
    already_on = -4,
    on_pending = -5,
};

// The registers are bound right at the instruction, so that nothing computed in between takes them.
#define FATHOM_FIRMWARE_CALL(instruction)                                                     \
    ({                                                                                        \
        register std::uint64_t x0 asm("x0") = function;                                       \
        register std::uint64_t x1 asm("x1") = first;                                          \
        register std::uint64_t x2 asm("x2") = second;                                         \
        register std::uint64_t x3 asm("x3") = third;                                          \
        asm volatile(instruction " #0"                                                        \
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                                 \
                     :                                                                        \
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", \
                       "x15", "x16", "x17", "memory");                                        \
        static_cast<std::int64_t>(x0);                                                        \
    })

std::int64_t call(Function function, std::uint64_t first, std::uint64_t second,
                  std::uint64_t third) {
    switch (machine.facts.psci) {
    case PsciMethod::hvc: return FATHOM_FIRMWARE_CALL("hvc");
    case PsciMethod::smc: return FATHOM_FIRMWARE_CALL("smc");
    case PsciMethod::none: return not_supported;
    }
    __builtin_unreachable();
}

}  // namespace

Result<void> psci_cpu_on(HardwareCpuId cpu, PhysAddr entry, std::uint64_t argument) {
    switch (call(cpu_on, cpu, entry.value, argument)) {
    case success: return {};
    case already_on: return Error::already_exists;
    case on_pending: return Error::timed_out;
    default: return Error::unsupported;
    }
}

void psci_system_off() { call(system_off, 0, 0, 0); }

}  // namespace fathom::arch
