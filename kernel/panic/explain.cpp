// Telling a student what went wrong.
//
// Context: the panicking CPU, its panic stack.

#include <panic/explain.hpp>

#include <string_view>

#include <context/lazy_range.hpp>
#include <mm/kernel_stack.hpp>
#include <panic/nearest_site.hpp>
#include <panic/symbols.hpp>
#include <panic/verdict.hpp>
#include <panic/wild_access.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

const char* access_name(Access access) {
    switch (access) {
    case Access::read: return "read";
    case Access::write: return "write";
    case Access::execute: return "execution";
    }
    return "access";
}

const char* on_off(bool on) { return on ? "on" : "off"; }

struct TrapWords {
    const char* headline;
    const char* explanation;
};

TrapWords words_of(FatalTrap trap) {
    switch (trap) {
    case FatalTrap::invalid_instruction:
        return {"invalid instruction", "The CPU knows no instruction with these bits."};
    case FatalTrap::divide:
        return {"division by zero", "A division by zero, or one whose quotient does not fit."};
    case FatalTrap::floating_point:
        return {"floating point used, and the kernel keeps no floating-point state",
                "Threads share one set of floating-point registers and nobody saves it at a "
                "switch, so its use is trapped. Build the code with -mgeneral-regs-only."};
    case FatalTrap::general_protection:
        return {"general protection or alignment fault",
                "The CPU refused an instruction: an address that no page can have, a privileged "
                "register, or a misaligned access."};
    case FatalTrap::breakpoint:
        return {"breakpoint instruction, and no debugger is attached",
                "An int3 or brk was executed."};
    case FatalTrap::double_fault:
        return {"double fault",
                "A second fault came while the CPU was delivering the first: the first one's "
                "stack or descriptor could not be used. The registers may be stale."};
    case FatalTrap::machine_check:
        return {"machine check", "The hardware reported an error of its own (#MC, SError)."};
    case FatalTrap::nmi:
        return {"an NMI that nobody asked for", "Only a panicking CPU sends NMIs in this kernel."};
    case FatalTrap::nested_page_fault:
        return {"a page fault inside the page-fault handler",
                "The handler runs on resident memory and must not fault. Both frames are below: "
                "first the handler's, then the code that it was called for."};
    case FatalTrap::unexpected:
        return {"an exception or interrupt that nothing should raise",
                "Nobody has asked for it: its vector, or its interrupt number, has no handler."};
    }
    return {"a trap of an unknown kind", ""};
}

/// A nested page fault whose handler stands at the end of its stack: the next frame, which is at
/// most half a page, would lie in the gap.
bool ran_off_trap_stack(const PanicCause& cause) {
    return cause.kind == PanicKind::fatal_trap && cause.trap == FatalTrap::nested_page_fault &&
           mm::in_kernel_stack_gap(arch::frame_sp(*cause.frame) - kPageSize / 2);
}

TrapWords words_of(const PanicCause& cause) {
    if (ran_off_trap_stack(cause)) {
        return {"stack overflow: a handler ran off the end of its trap stack",
                "Trap stacks are small and populated; below them lies a gap. Both frames are "
                "below: first the handler's, then the code that it was called for."};
    }
    return words_of(cause.trap);
}

void print_context(const PanicCause& cause, const char* label, bool irqs_on) {
    const ContextWord word = cause.context_word();
    say("  {}preemption depth {}, interrupt depth {}; the CPU had interrupts {}", label,
        word.preempt_depth(), word.irq_depth(), on_off(irqs_on));
}

/// Of a false rule (`rule` not 0) the claim has been told already.
void print_nearest_site(const PanicCause& cause, unsigned rule) {
    const SiteRecord* const site = nearest_site(FrameWalk(*cause.frame), rule);
    if (site == nullptr) {
        return say("  Nearest site: none in the functions of the backtrace.");
    }
    const Symbol symbol = symbol_of(site->pc());
    say("  Nearest site: {} +0x{:x} (0x{:016x})", symbol.name, symbol.offset, site->pc().value);
    say("    {} by rule {}, window {} bytes", describe_turn(site->turn()),
        static_cast<unsigned>(site->rule()), site->window);
    if (rule == 0) {
        say_part("    It claims: ");
        panic_writer().write(describe_claim(site->rule()));
        panic_writer().end_line();
    }
}

void print_distance(const PanicCause& cause) {
    const VirtAddr sp = arch::frame_sp(*cause.frame);
    if (cause.fault.address < sp) {
        say("  The {} touched {} bytes below sp.", access_name(cause.fault.access),
            sp - cause.fault.address);
    } else {
        say("  The {} touched {} bytes above sp, in the frame itself.",
            access_name(cause.fault.access), cause.fault.address - sp);
    }
}

void explain_broken_rule(const PanicCause& cause) {
    say_paragraph("The rule: no stack page may be touched for the first time while interrupts or "
                  "preemption are off, since populating it may have to wait for memory.");
    print_context(cause, "True was: ", cause.fault.irqs_on);
    print_distance(cause);
    print_nearest_site(cause, 0);
}

void explain_false_rule(const PanicCause& cause, unsigned rule) {
    panic_writer().set_indent(2);
    say_part("  Rule {} claims: ", rule);
    panic_writer().write(describe_claim(static_cast<Rule>(rule)));
    panic_writer().end_line();
    panic_writer().set_indent();
    print_context(cause, "True was: ", arch::frame_irqs_on(*cause.frame));
    say("  The stack was {}.", in_lazy_range(arch::frame_sp(*cause.frame).value)
                                   ? "an application thread's, lazily populated"
                                   : "a populated one");
    print_nearest_site(cause, rule);
}

void explain_page_fault(const PanicCause& cause) {
    switch (cause.kind) {
    case PanicKind::broken_rule: return explain_broken_rule(cause);
    case PanicKind::stack_overflow:
        say_paragraph("Below each stack lies a gap where nothing is ever mapped; touching it means "
                      "that the stack was too small for what was called. Look for a recursion in "
                      "the backtrace, or for a large frame.");
        return print_distance(cause);
    case PanicKind::dead_stack:
        return say_paragraph("The address lies in the stack of a thread that has ended: somebody "
                             "kept a pointer into it. Nothing is populated there again.");
    case PanicKind::wild_access: return explain_wild_access(cause);
    case PanicKind::failed_check:
    case PanicKind::fatal_trap: return;
    }
}

}  // namespace

unsigned rule_of(const PanicCause& cause) {
    const std::string_view text = cause.message;
    if (cause.kind != PanicKind::failed_check || text.size() < 6 || !text.starts_with("rule ") ||
        text[5] < '1' || text[5] > '5') {
        return 0;
    }
    return static_cast<unsigned>(text[5] - '0');
}

[[gnu::cold]] void print_headline(const PanicCause& cause) {
    panic_writer().set_indent(7);
    say_part("PANIC: ");
    switch (cause.kind) {
    case PanicKind::failed_check: say_with_facts(cause.message, cause.facts); break;
    case PanicKind::broken_rule:
        say_part("broken rule: stack fault in an atomic section at 0x{:x}",
                 cause.fault.address.value);
        break;
    case PanicKind::stack_overflow:
        say_part("stack overflow: {} at 0x{:x}", access_name(cause.fault.access),
                 cause.fault.address.value);
        break;
    case PanicKind::dead_stack:
        say_part("dead stack: {} at 0x{:x}, the stack of a thread that has ended",
                 access_name(cause.fault.access), cause.fault.address.value);
        break;
    case PanicKind::wild_access: print_wild_headline(cause); break;
    case PanicKind::fatal_trap: say_part("{}", words_of(cause).headline); break;
    }
    panic_writer().end_line();
    panic_writer().set_indent();
}

void print_explanation(const PanicCause& cause) {
    if (cause.is_page_fault()) {
        explain_page_fault(cause);
    } else if (cause.kind == PanicKind::fatal_trap) {
        say_paragraph(words_of(cause).explanation);
        say("  The CPU's code for it: 0x{:x}", cause.code);
    } else if (const unsigned rule = rule_of(cause)) {
        explain_false_rule(cause, rule);
    }
    say("  Read next: {}", read_next(cause));
}

}  // namespace fathom
