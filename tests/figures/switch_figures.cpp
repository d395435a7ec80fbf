// What synchronising and switching cost, on one CPU.

#include <figures/measure.hpp>

#include <atomic>

#include <sched/spawn.hpp>
#include <sync/mutex.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kSwitches = 1000;

/// Two threads that run in turns until neither is ahead in virtual time. One that is far behind its
/// waker runs at once, and how far behind a new one is hangs on what creating it cost: without this
/// the rows of two stack policies would be of two ways to switch.
class SideBySide {
public:
    void run(unsigned self, Preemptible here) {
        while (turns_.load() < kTurns) {
            const std::uint64_t until = arch::read_cycles() + kTurnCycles;
            while (arch::read_cycles() < until) {
            }
            turns_.store(last_.exchange(self) == self ? 0 : turns_.load() + 1);
            yield(here);
        }
    }

private:
    static constexpr unsigned kTurns = 16;
    static constexpr std::uint64_t kTurnCycles = 4096;  ///< far less than a quantum
    std::atomic<unsigned> last_ = 0;
    std::atomic<unsigned> turns_ = 0;  ///< since one thread ran twice in a row
};

void yielder(Preemptible here, void* argument) {
    static_cast<SideBySide*>(argument)->run(1, here);
    for (unsigned i = 0; i < kWarmRounds + kSwitches; ++i) {
        yield(here);
    }
}

// Two threads yield to each other: each yield is one switch.
std::uint64_t yield_switch(Preemptible here) {
    SideBySide both;
    const auto other = spawn_application<yielder>({.name = "yielder"}, &both, here);
    if (!other.ok()) {
        return 0;
    }
    both.run(0, here);
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
    SideBySide both;
    Semaphore ping{0};
    Semaphore pong{0};
};

void ponger(Preemptible here, void* argument) {
    auto& table = *static_cast<PingPong*>(argument);
    table.both.run(1, here);
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
    table.both.run(0, here);
    print_cost("semaphore_round_trip", measure([&] {
                   table.ping.post(here);
                   table.pong.wait(here);
               }));
    static_cast<void>(join_thread(*other, here));
}

struct Wakening {
    SideBySide both;
    Semaphore go{0};
    std::atomic<std::uint64_t> running = 0;  ///< when the woken one ran
};

void sleeper(Preemptible here, void* argument) {
    auto& wakening = *static_cast<Wakening*>(argument);
    wakening.both.run(1, here);
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
    wakening.both.run(0, here);
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
    print_cycles("yield_switch", yield_switch(here));
    print_semaphore_round_trip(here);
    print_cycles("wake_to_run", wake_to_run(here));
}

}  // namespace fathom
