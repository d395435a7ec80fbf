// The report of a finding: a line with the site for programs, and a panic for people.
//
// Context: debug trap, on a trap stack. The interrupted code may hold any lock, the console's too.

#include <adversaries/finding.hpp>

#include <arch/cpu_local.hpp>
#include <context/log.hpp>
#include <panic/panic_state.hpp>
#include <panic/symbols.hpp>

namespace fathom {
namespace {

const char* message_of(Finding::Kind kind) {
    switch (kind) {
    case Finding::Kind::none: break;
    case Finding::Kind::below_window:
        return "shadow: a section touched {} bytes below sp at its site; safe were {}";
    case Finding::Kind::hole:
        return "shadow: {} bytes lie between a prefault and the touched byte above it; sound are "
               "{}";
    case Finding::Kind::claims_populated:
        return "shadow: rule 1 or 2 is stated on a lazily populated stack";
    case Finding::Kind::claims_atomic: return "shadow: rule 3 is stated in preemptible context";
    case Finding::Kind::claims_both_on: return "shadow: rule 4 is stated inside a section";
    case Finding::Kind::touch_inside:
        return "shadow: stack was touched ahead, {} bytes below sp, inside a section";
    case Finding::Kind::no_site:
        return "shadow: the context word was raised at {}, which is no site";
    case Finding::Kind::not_counted:
        return "shadow: interrupts are off at {}, and the context word does not know";
    }
    return "shadow: nothing was found";
}

}  // namespace

void report_finding(const Finding& finding, const arch::TrapFrame& frame) {
    if (finding.site != nullptr) {
        const SiteRecord& site = *finding.site;
        const Symbol symbol = symbol_of(site.pc());
        log_unlocked("# adversary-finding: pc=0x{:016x} rule={} window={} depth={} safe={} in {}",
                     site.pc().value, static_cast<unsigned>(site.rule()), site.window,
                     finding.first, finding.second, symbol.name);
    }
    const char* const message = message_of(finding.kind);
    noted_cause(arch::this_cpu_index()) = {.kind = PanicKind::failed_check,
                                           .frame = &frame,
                                           .message = message,
                                           .file = __FILE__,
                                           .line = __LINE__,
                                           .facts = {finding.first, finding.second}};
    arch::leave_for_panic(message, __FILE__, __LINE__, finding.first, finding.second);
}

}  // namespace fathom
