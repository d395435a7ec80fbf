// Holding a site's claim against what was true.
//
// Context: the panicking CPU, its panic stack.

#include <panic/verdict.hpp>

#include <context/lazy_range.hpp>
#include <panic/nearest_site.hpp>
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

/// How far below sp the access was; 0 where it was above.
std::uint64_t bytes_below_sp(const PanicCause& cause) {
    const VirtAddr sp = arch::frame_sp(*cause.frame);
    return cause.fault.address < sp ? sp - cause.fault.address : 0;
}

void say_touched_too_little(const PanicCause& cause, const SiteRecord& site) {
    const std::uint64_t below = bytes_below_sp(cause);
    if (below > site.window) {
        return say("  Rule {} is broken: the window is too small. {} bytes below sp were "
                   "needed, {} were touched ahead.", static_cast<unsigned>(site.rule()), below,
                   site.window);
    }
    if (!in_function_of(site, arch::frame_pc(*cause.frame))) {
        return say("  Rule {} is broken: the window is too small, for what the section calls goes "
                   "deeper; or, with a large frame, there is a hole above it.",
                   static_cast<unsigned>(site.rule()));
    }
    say("  Rule {} is broken: there is a hole. The byte lies within the window, and its page was "
        "absent: more than 4096 bytes lie between two that were touched.",
        static_cast<unsigned>(site.rule()));
}

void say_verdict(const PanicCause& cause, const SiteRecord& site) {
    switch (site.rule()) {
    case Rule::kernel_thread:
    case Rule::populated_stack:
        if (in_lazy_range(arch::frame_sp(*cause.frame).value)) {
            say("  Rule {} is broken: this is an application thread's stack, which is populated as "
                "it is touched.", static_cast<unsigned>(site.rule()));
        }
        break;
    case Rule::already_atomic:
        if (open_sections(cause) == 1) {
            say("  Rule 3 is broken: no other section was open, so nobody had touched the stack "
                "ahead.");
        } else {
            say("  Rule 3 is broken: the window of the section around it does not reach so far.");
        }
        break;
    case Rule::preemptible: say_touched_too_little(cause, site); break;
    case Rule::unknown:
        if (open_sections(cause) == 1) {
            say_touched_too_little(cause, site);
        } else {
            say("  Rule 5 is broken: the window of the section around it, which was open already, "
                "does not reach so far.");
        }
        break;
    }
}

/// The chapter on a rule; the lemma where a window is what is wrong.
std::string_view chapter_of(unsigned rule) {
    switch (rule) {
    case 1: return "docs/book/rule-1.md";
    case 2: return "docs/book/rule-2.md";
    case 3: return "docs/book/rule-3.md";
    case 4: return "docs/rules.md, \"The lemma\", and docs/book/rule-4.md";
    case 5: return "docs/rules.md, \"The lemma\", and docs/book/rule-5.md";
    default: return "docs/rules.md, \"The rules\"";
    }
}

unsigned broken_rule_of(const PanicCause& cause) {
    const SiteRecord* const site = nearest_site(FrameWalk(*cause.frame), 0);
    return site == nullptr ? 0 : static_cast<unsigned>(site->rule());
}

}  // namespace

void print_verdict(const PanicCause& cause) {
    if (cause.kind != PanicKind::broken_rule) {
        return;
    }
    if (const SiteRecord* const site = nearest_site(FrameWalk(*cause.frame), 0)) {
        panic_writer().set_indent(2);
        say_verdict(cause, *site);
        panic_writer().set_indent();
    }
}

std::string_view read_next(const PanicCause& cause) {
    switch (cause.kind) {
    case PanicKind::broken_rule: return chapter_of(broken_rule_of(cause));
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
