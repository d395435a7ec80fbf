// What synchronising and switching cost, on one CPU.

#include <figures/measure.hpp>

#include <atomic>

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

void print_semaphore_round_trip(Preemptible here) {
    PingPong table;
    const auto other = spawn_application<ponger>({.name = "ponger"}, &table, here);
    if (!other.ok()) {
        return;
    }
    print_cost("semaphore_round_trip", measure([&] {
                   table.ping.post(here);
                   table.pong.wait(here);
               }));
    static_cast<void>(join_thread(*other, here));
}

struct Wakening {
    Semaphore go{0};
    std::atomic<std::uint64_t> running = 0;  ///< when the woken one ran
};

void sleeper(Preemptible here, void* argument) {
    auto& wakening = *static_cast<Wakening*>(argument);
    for (unsigned i = 0; i < kWarmRounds + kRounds; ++i) {
        wakening.go.wait(here);
        wakening.running.store(arch::read_cycles());
    }
}

// From the call that wakes a thread to that thread's next instruction; the waker yields at once.
std::uint64_t wake_to_run(Preemptible here) {
    Wakening wakening;
    const auto other = spawn_application<sleeper>({.name = "sleeper"}, &wakening, here);
    if (!other.ok()) {
        return 0;
    }
    const std::uint64_t empty = empty_pair();
    Samples samples;
    for (unsigned i = 0; i < kWarmRounds + kRounds; ++i) {
        yield(here);  // it waits now
        const std::uint64_t begin = arch::read_cycles();
        wakening.go.post(here);
        yield(here);
        samples[i % kRounds] = wakening.running.load() - begin - empty;
    }
    static_cast<void>(join_thread(*other, here));
    return median(samples);
}

}  // namespace

void measure_switches(Preemptible here) {
    static constinit Mutex mutex;
    print_cost("mutex_pair", measure([here] {
                   mutex.lock(here);
                   mutex.unlock(here);
               }));
    print_cost("yield_alone", measure([here] { yield(here); }));
    print_figure("yield_switch", yield_switch(here), "instructions");
    print_semaphore_round_trip(here);
    print_figure("wake_to_run", wake_to_run(here), "instructions");
}

}  // namespace fathom
