// Which adversary is on.
//
// Context: see adversary.hpp and main/tests.hpp.

#include <adversaries/adversary.hpp>

#include <string_view>

#include <adversaries/evictor.hpp>
#include <adversaries/stepper.hpp>
#include <context/log.hpp>
#include <lib/command_line.hpp>
#include <main/tests.hpp>

namespace fathom {
namespace {

constinit Adversary chosen = Adversary::none;

struct Known {
    std::string_view name;
    Adversary adversary;
    SweepPlan plan;
};
// Stepping looks at every byte by itself, whatever the page: a few offsets serve, so that each
// operation is seen in all the variants that it draws from the offset. Evicting by steps needs the
// page's edge near sp.
constexpr Known kKnown[] = {
    {"sweep", Adversary::sweep, {.first = 0, .stride = 1, .count = 256, .fresh_stack = true}},
    {"shadow", Adversary::shadow, {.first = 0, .stride = 51, .count = 5, .fresh_stack = false}},
    {"evict", Adversary::evict, {.first = 0, .stride = 1, .count = 256, .fresh_stack = false}},
    {"step-evict", Adversary::step_evict,
     {.first = 1, .stride = 5, .count = 12, .fresh_stack = false}},
};

const Known* find(std::string_view name) {
    for (const Known& known : kKnown) {
        if (known.name == name) {
            return &known;
        }
    }
    return nullptr;
}

}  // namespace

Adversary adversary() { return chosen; }

SweepPlan sweep_plan() {
    for (const Known& known : kKnown) {
        if (known.adversary == chosen) {
            return known.plan;
        }
    }
    return kKnown[0].plan;
}

Result<void> start_adversary(std::string_view text, Preemptible here) {
    const std::size_t colon = text.find(':');
    const Known* const known = find(text.substr(0, colon));
    const Result<std::uint64_t> seed =
        colon == text.npos ? Result<std::uint64_t>(1) : parse_number(text.substr(colon + 1));
    if (known == nullptr || !seed.ok()) {
        log("adversary={}: there are sweep, shadow, evict:SEED and step-evict", text);
        return Error::invalid_argument;
    }
    chosen = known->adversary;
    switch (chosen) {
    case Adversary::none:
    case Adversary::sweep: break;
    case Adversary::evict: start_evictor(*seed, here); break;
    case Adversary::shadow:
    case Adversary::step_evict: start_stepper(here); break;
    }
    return {};
}

void finish_adversary(Preemptible here) {
    switch (chosen) {
    case Adversary::none:
    case Adversary::sweep: break;
    case Adversary::evict: finish_evictor(here); break;
    case Adversary::shadow:
    case Adversary::step_evict: finish_stepper(here); break;
    }
}

}  // namespace fathom
