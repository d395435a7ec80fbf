// sites: who states which rule.
//
// Context: preemptible.

#include <array>

#include <build_options.hpp>
#include <context/log.hpp>
#include <context/site.hpp>
#include <main/monitor/command.hpp>
#include <main/paragraph.hpp>
#include <panic/nearest_site.hpp>
#include <panic/symbols.hpp>
#include <trace/reader.hpp>

namespace fathom::monitor {

namespace {

constexpr unsigned kRules = 5;

bool turns_off(const SiteRecord& site) {
    return site.turn() == arch::Turn::preempt_off || site.turn() == arch::Turn::irqs_off;
}

/// How often the rings saw the section that begins at the site. An event names the code right
/// behind its site: the nearest site above that is the one.
std::uint64_t hits(const SiteRecord& site) {
    constexpr std::uint64_t kLow48 = (1ull << 48) - 1;
    std::uint64_t next = ~0ull;
    for (const SiteRecord& other : all_sites()) {
        if (other.pc() > site.pc() && other.pc().value < next) {
            next = other.pc().value;
        }
    }
    std::uint64_t count = 0;
    trace::for_each([&](const trace::Entry& entry) {
        const std::uint64_t pc = entry.payload[1] >> 16;
        count += entry.id() == trace::EventId::preempt_off && pc > (site.pc().value & kLow48) &&
                 pc <= (next & kLow48);
    });
    return count;
}

void list_rule(unsigned rule) {
    std::size_t count = 0;
    log("{}  {:>6}  {:<14} {}", kTraceAtomic ? "     hits" : "", "window", "turns", "at");
    for (const SiteRecord& site : all_sites()) {
        if (!turns_off(site) || static_cast<unsigned>(site.rule()) != rule) {
            continue;
        }
        const Symbol symbol = symbol_of(site.pc());
        if (kTraceAtomic) {
            log("  {:>7} {:>6}  {:<14} {} +0x{:x}", hits(site), site.window,
                describe_turn(site.turn()), symbol.name, symbol.offset);
        } else {
            log("  {:>6}  {:<14} {} +0x{:x}", site.window, describe_turn(site.turn()),
                symbol.name, symbol.offset);
        }
        ++count;
    }
    log("{} {} rule {}:", count, count == 1 ? "site states" : "sites state", rule);
    print_paragraph(describe_claim(static_cast<Rule>(rule)));
    if (!kTraceAtomic) {
        log("(hits are counted by kernels of TYPE=trace)");
    }
}

void count_rules() {
    std::array<std::size_t, kRules + 1> counts{};
    for (const SiteRecord& site : all_sites()) {
        const auto rule = static_cast<unsigned>(site.rule());
        counts[turns_off(site) && rule <= kRules ? rule : 0] += 1;
    }
    for (unsigned rule = 1; rule <= kRules; ++rule) {
        log("  rule {} {:>5} {}", rule, counts[rule], counts[rule] == 1 ? "site" : "sites");
        print_paragraph(describe_claim(static_cast<Rule>(rule)));
    }
    log("sites <rule> lists those of one rule");
}

}  // namespace

Outcome show_sites(Words& words, Preemptible) {
    const auto rule = words.next_number();
    if (!rule.ok() && rule.error() == Error::not_found) {
        count_rules();
        return Outcome::done;
    }
    if (!rule.ok() || *rule < 1 || *rule > kRules || !words.empty()) {
        return Outcome::misused;
    }
    list_rule(static_cast<unsigned>(*rule));
    return Outcome::done;
}

}  // namespace fathom::monitor
