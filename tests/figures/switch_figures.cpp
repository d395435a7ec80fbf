// What synchronising and switching cost, on one CPU.

#include <figures/measure.hpp>

#include <sched/spawn.hpp>
#include <sync/mutex.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kSwitches = 1000;

void yielder(Preemptible here, void*) {
    for (unsigned i = 0; i < kWarmRounds + kSwitches; ++i) {
        yield(here);
    }
}

// Two threads yield to each other: each yield is one switch.
std::uint64_t yield_switch(Preemptible here) {
    const auto other = spawn_application<yielder>({.name = "yielder"}, nullptr, here);
    if (!other.ok()) {
        return 0;
    }
    for (unsigned i = 0; i < kWarmRounds; ++i) {
        yield(here);
    }
    Samples samples;
    const std::uint64_t empty = empty_pair();
    for (std::uint64_t& sample : samples) {
        const std::uint64_t begin = arch::read_cycles();
        yield(here);
        sample = (arch::read_cycles() - begin - empty) / 2;  // there and back again
    }
    static_cast<void>(join_thread(*other, here));
    return median(samples);
}

struct PingPong {
    Semaphore ping{0};
    Semaphore pong{0};
};

void ponger(Preemptible here, void* argument) {
    auto& table = *static_cast<PingPong*>(argument);
    for (unsigned i = 0; i < kWarmRounds + kRounds; ++i) {
        table.ping.wait(here);
        table.pong.post(here);
    }
}

std::uint64_t semaphore_round_trip(Preemptible here) {
    PingPong table;
    const auto other = spawn_application<ponger>({.name = "ponger"}, &table, here);
    if (!other.ok()) {
        return 0;
    }
    const std::uint64_t cycles = measure([&] {
        table.ping.post(here);
        table.pong.wait(here);
    });
    static_cast<void>(join_thread(*other, here));
    return cycles;
}

}  // namespace

void measure_switches(Preemptible here) {
    static constinit Mutex mutex;
    const std::uint64_t pair = measure([here] {
        mutex.lock(here);
        mutex.unlock(here);
    });
    print_figure("mutex_pair", pair, "instructions");
    print_figure("yield_alone", measure([here] { yield(here); }), "instructions");
    print_figure("yield_switch", yield_switch(here), "instructions");
    print_figure("semaphore_round_trip", semaphore_round_trip(here), "instructions");
}

}  // namespace fathom
