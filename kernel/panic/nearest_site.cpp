// Finding the site that a panic is about.
//
// The compiler copies each guard to where it is used, so a site lies in the function that opened
// the section, and that function is in the backtrace. Within it, code mostly runs downwards: the
// last site above the entry is the one that was passed last. A section that was closed again on the
// way (its "on" site lies between) is only second best.
//
// Context: any.

#include <panic/nearest_site.hpp>

#include <panic/symbols.hpp>

namespace fathom {

namespace {

constexpr std::size_t kMostParts = 4;
constexpr std::size_t kDeepestEntry = 24;

/// Whether a section can begin at this site.
bool opens(const SiteRecord& site) {
    switch (site.turn()) {
    case arch::Turn::preempt_off:
    case arch::Turn::irqs_off:
    case arch::Turn::api_boundary: return true;
    case arch::Turn::preempt_on:
    case arch::Turn::irqs_on:
    case arch::Turn::trap_entry:
    case arch::Turn::thread_start:
    case arch::Turn::system_call: return false;
    }
    return false;
}

/// The latest site in [range.begin, end): of the wanted kind.
const SiteRecord* last_site(CodeRange range, VirtAddr end, unsigned rule, bool opening) {
    const SiteRecord* best = nullptr;
    for (const SiteRecord& site : all_sites()) {
        const bool wanted = opens(site) == opening &&
                            (rule == 0 || static_cast<unsigned>(site.rule()) == rule);
        if (wanted && site.pc() >= range.begin && site.pc() < end &&
            (best == nullptr || site.pc() > best->pc())) {
            best = &site;
        }
    }
    return best;
}

struct Found {
    const SiteRecord* site = nullptr;
    bool closed = false;  ///< the section was left again before the place
};

Found site_in_function(VirtAddr code, unsigned rule) {
    CodeRange parts[kMostParts];
    const std::size_t count = parts_of(code, parts);
    for (std::size_t index = 0; index < count; ++index) {
        // Only in the part where the code lies does "above" mean "before".
        const VirtAddr end = index == 0 ? code + 1 : parts[index].end;
        if (const SiteRecord* site = last_site(parts[index], end, rule, true)) {
            const SiteRecord* closing = last_site(parts[index], end, rule, false);
            return {site, index == 0 && closing != nullptr && closing->pc() > site->pc()};
        }
    }
    return {};
}

}  // namespace

const SiteRecord* nearest_site(FrameWalk walk, unsigned rule) {
    const SiteRecord* second_best = nullptr;
    VirtAddr entry;
    for (std::size_t index = 0; index < kDeepestEntry && walk.next(entry); ++index) {
        const Found found = site_in_function(code_of_entry(entry, index), rule);
        if (found.site != nullptr && !found.closed) {
            return found.site;
        }
        if (second_best == nullptr) {
            second_best = found.site;
        }
    }
    return second_best;
}

std::string_view describe_claim(Rule rule) {
    switch (rule) {
    case Rule::kernel_thread:
        return "this code only ever runs on kernel threads, whose stacks are populated.";
    case Rule::populated_stack:
        return "this code only ever runs on a trap or syscall stack, which is populated.";
    case Rule::already_atomic:
        return "this code only ever runs inside another atomic section, whose window covers it.";
    case Rule::preemptible:
        return "interrupts and preemption are both on here, so the stack is touched ahead.";
    case Rule::unknown:
        return "nothing; it touches the stack ahead if interrupts and preemption are both on.";
    }
    return "no rule that there is.";
}

std::string_view describe_turn(arch::Turn turn) {
    switch (turn) {
    case arch::Turn::preempt_off: return "preemption off";
    case arch::Turn::preempt_on: return "preemption on";
    case arch::Turn::irqs_off: return "interrupts off";
    case arch::Turn::irqs_on: return "interrupts on";
    case arch::Turn::trap_entry: return "trap entry";
    case arch::Turn::thread_start: return "thread start";
    case arch::Turn::api_boundary: return "API boundary";
    case arch::Turn::system_call: return "system call entry";
    }
    return "unknown";
}

}  // namespace fathom
