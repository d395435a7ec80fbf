// Holding a site's claim against what was true.
//
// Context: the panicking CPU, its panic stack.

#include <panic/verdict.hpp>

#include <context/lazy_range.hpp>
#include <panic/symbols.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

/// Whether the place that was reached lies in the function of the site: sp is then about what it
/// was at the site.
bool in_function_of(const SiteRecord& site, VirtAddr pc) {
    return symbol_of(site.pc()).name.data() == symbol_of(pc).name.data();
}

/// Sections that were open, the site's own included.
unsigned open_sections(const PanicCause& cause) {
    const ContextWord word = cause.context_word();
    return static_cast<unsigned>(word.preempt_depth() + word.irq_depth());
}

void print_touched_too_little(const PanicCause& cause, const SiteRecord& site) {
    const VirtAddr sp = arch::frame_sp(*cause.frame);
    const std::uint64_t below =
        cause.fault.address < sp ? sp - cause.fault.address : std::uint64_t{0};
    if (below > site.window) {
        return say("  So the window is too small: {} bytes below sp were needed, {} were touched "
                   "ahead.", below, site.window);
    }
    if (!in_function_of(site, arch::frame_pc(*cause.frame))) {
        return say_paragraph("So the window is too small, for what the section calls goes deeper; "
                             "or, with a large frame, there is a hole above it.");
    }
    say_paragraph("So there is a hole: the byte lies within the window, and its page was absent. "
                  "More than 4096 bytes lie between two that were touched.");
}

}  // namespace

void print_verdict(const PanicCause& cause, const SiteRecord& site) {
    panic_writer().set_indent(2);
    switch (site.rule()) {
    case Rule::kernel_thread:
    case Rule::populated_stack:
        if (in_lazy_range(arch::frame_sp(*cause.frame).value)) {
            say("  So rule {} is broken: this is an application thread's stack, which is populated "
                "as it is touched.", static_cast<unsigned>(site.rule()));
        }
        break;
    case Rule::already_atomic:
        if (open_sections(cause) == 1) {
            say("  So rule 3 is broken: no other section was open, so nobody had touched the stack "
                "ahead.");
        } else {
            say("  So rule 3 is broken: the window of the section around it does not reach so "
                "far.");
        }
        break;
    case Rule::preemptible: print_touched_too_little(cause, site); break;
    case Rule::unknown:
        if (open_sections(cause) == 1) {
            print_touched_too_little(cause, site);
        } else {
            say("  So the window of the section around it, which was open already, does not reach "
                "so far.");
        }
        break;
    }
    panic_writer().set_indent();
}

std::string_view read_next(const PanicCause& cause) {
    switch (cause.kind) {
    case PanicKind::broken_rule: return "docs/rules.md, \"The lemma\"";
    case PanicKind::stack_overflow: return "docs/panics.md, \"Stack overflow\"";
    case PanicKind::dead_stack: return "docs/first-touch.md, step 4";
    case PanicKind::failed_check:
        return rule_of(cause) != 0 ? "docs/rules.md, \"The rules\""
                                   : "docs/panics.md, \"Everything else\"";
    case PanicKind::wild_access:
    case PanicKind::fatal_trap: break;
    }
    return "docs/panics.md, \"Everything else\"";
}

}  // namespace fathom
