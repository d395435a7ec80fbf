// The end of the kernel: one report, told once, from a stack of its own.
//
// Nothing here allocates or takes a lock. The report is written by the CPU that panics first; a
// second panic on it says so in one line and powers off; a panic on another CPU just stops there.
//
// Owns:    handle_panic().
// Context: the panic stack of the CPU, interrupts off.
// Story:   comes from the panic entry of the architecture (assembly), after ASSERT, PANIC or
//          panic/report.cpp; ends in arch::power_off().

#include <arch/console.hpp>
#include <arch/cpu_local.hpp>
#include <arch/panic_entry.hpp>
#include <arch/power.hpp>
#include <panic/backtrace.hpp>
#include <panic/explain.hpp>
#include <panic/panic_state.hpp>
#include <panic/sections.hpp>
#include <panic/stack_map.hpp>
#include <panic/verdict.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

/// What the registers of panic_entry say, unless a trap has noted more.
PanicCause cause_of(const arch::PanicRegisters& registers, std::uint32_t cpu) {
    const PanicCause& noted = noted_cause(cpu);
    if (noted.frame != nullptr) {
        return noted;
    }
    return {.kind = PanicKind::failed_check,
            .frame = &registers.frame,
            .message = registers.message,
            .file = registers.file,
            .line = registers.line,
            .facts = {registers.facts[0], registers.facts[1]}};
}

/// How far the report has come. Only the reporting CPU writes it.
enum class Progress : std::uint8_t { nothing, headline, failed };
constinit Progress progress = Progress::nothing;

/// The report failed: says so with as little as possible, then with the place, then not at all.
[[noreturn]] void end_second_panic(const arch::PanicRegisters& registers, std::uint32_t cpu) {
    const Progress reached = progress;
    progress = Progress::failed;
    if (reached != Progress::failed) {
        arch::console_write(reached == Progress::nothing
                                ? "\nPANIC: the report of a panic failed\n"
                                : "\n  The report failed here; the rest is missing.\n");
        const arch::TrapFrame* const first = noted_cause(cpu).frame;
        panic_writer().clear();
        say("  pc 0x{:016x} while reporting, 0x{:016x} first",
            arch::frame_pc(registers.frame).value,
            first != nullptr ? arch::frame_pc(*first).value : 0);
    }
    arch::power_off(arch::ExitStatus::panicked);
}

void print_code(const PanicCause& cause) {
    say("Registers");
    print_registers(*cause.frame);
    say("Backtrace");
    print_backtrace(FrameWalk(*cause.frame));
    if (cause.outer != nullptr) {
        say("Registers of the code that the handler was called for");
        print_registers(*cause.outer);
        say("Its backtrace");
        print_backtrace(FrameWalk(*cause.outer));
    }
}

void print_report(const PanicCause& cause, std::uint32_t cpu, CpuMask others, CpuMask stopped) {
    say("");
    print_headline(cause);
    progress = Progress::headline;
    print_verdict(cause);
    print_where(cause, cpu);
    print_explanation(cause);
    print_code(cause);
    print_stack_map(arch::frame_sp(*cause.frame),
                    cause.is_page_fault() ? cause.fault.address : VirtAddr{});
    print_trace();
    print_other_cpus(cpu, others, stopped);
    say("End of the panic report.");
}

}  // namespace

/// From panic_entry, with all registers saved.
/// Context: panic stack, interrupts off.
extern "C" [[noreturn]] void handle_panic(const arch::PanicRegisters& registers) {
    const std::uint32_t cpu = arch::this_cpu_index();
    switch (claim_panic(cpu)) {
    case Claim::ours: break;
    case Claim::again: end_second_panic(registers, cpu);
    case Claim::anothers: note_stopped(cpu); arch::halt_forever();
    }
    const CpuMask others = online_cpus() & ~(CpuMask{1} << cpu);
    const CpuMask stopped = stop_others(cpu);
    print_report(cause_of(registers, cpu), cpu, others, stopped);
    arch::power_off(arch::ExitStatus::panicked);
}

}  // namespace fathom
