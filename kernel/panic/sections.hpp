// The parts of a report that are plain facts: where, registers, trace, the other CPUs.
//
// Owns:    the print_* functions below.
// Context: the panicking CPU, its panic stack.
// Story:   called by panic/panic.cpp in the order of the report.

#pragma once

#include <cstdint>

#include <context/online_cpus.hpp>
#include <panic/cause.hpp>

namespace fathom {

/// Place in the source or the code, CPU, thread, context word, held locks (hardened builds).
[[gnu::cold]] void print_where(const PanicCause& cause, std::uint32_t cpu);

/// Every register of the frame, three on a line.
[[gnu::cold]] void print_registers(const arch::TrapFrame& frame);

/// The latest trace events, oldest first.
[[gnu::cold]] void print_trace();

/// Who was stopped and who did not answer.
[[gnu::cold]] void print_other_cpus(std::uint32_t cpu, CpuMask others, CpuMask stopped);

}  // namespace fathom
