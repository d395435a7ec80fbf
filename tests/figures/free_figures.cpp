// One thread allocates, two others free what it has allocated, and a timer goes on interrupting the
// one: the shape of OSv's misc-free-perf.
//
// Blocks go over in batches, and whoever has none waits for them: nobody spins, so that what is
// counted is work.

#include <figures/measure.hpp>

#include <context/online_cpus.hpp>
#include <lib/proof_fact.h>
#include <mm/heap.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sched/timer_queue.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr std::size_t kBlockBytes = 1024;
constexpr unsigned kBatch = 64;
constexpr unsigned kBatches = 40;  // for each of the two
constexpr unsigned kFreeing = 2;
constexpr std::uint64_t kTimerCycles = 20'000;

// What goes from the one to one of the two.
struct Lane {
    Semaphore full{0};
    Semaphore empty{1};
    void* blocks[kBatch] = {};
};

void free_batches(Preemptible here, void* argument) {
    auto& lane = *static_cast<Lane*>(argument);
    for (unsigned batch = 0; batch < kBatches; ++batch) {
        lane.full.wait(here);
        for (void* const block : lane.blocks) {
            mm::heap_free(block, here);
        }
        lane.empty.post(here);
    }
}

struct Metronome : Timer {
    Metronome() : Timer(callable<CallClass::timer, &Metronome::beat>()) {}

    static void beat(Timer& timer, IrqsDisabled irqs) {
        timer.set(arch::read_cycles() + kTimerCycles, irqs);
    }
};

void allocate_batches(Preemptible here, void* argument) {
    auto* const lanes = static_cast<Lane*>(argument);
    Metronome metronome;
    metronome.set(arch::read_cycles() + kTimerCycles, here);
    for (unsigned batch = 0; batch < kFreeing * kBatches; ++batch) {
        Lane& lane = lanes[batch % kFreeing];
        lane.empty.wait(here);
        for (void*& block : lane.blocks) {
            block = mm::heap_allocate(kBlockBytes, here);
        }
        lane.full.post(here);
    }
    metronome.cancel(here);
}

}  // namespace

void print_free_perf(Preemptible here) {
    if (online_cpu_count() <= kFreeing) {
        return;
    }
    Lane lanes[kFreeing];
    ThreadId threads[kFreeing + 1];
    const std::uint64_t begin = arch::read_cycles();
    for (unsigned i = 0; i <= kFreeing; ++i) {
        const ThreadAttributes attributes{.name = "free_perf", .affinity = CpuMask{1} << i};
        const auto thread =
            i == kFreeing ? spawn_application<allocate_batches>(attributes, lanes, here)
                          : spawn_application<free_batches>(attributes, &lanes[i], here);
        if (!thread.ok()) {
            PANIC("no memory for {} threads", kFreeing + 1);
        }
        threads[i] = *thread;
    }
    for (const ThreadId thread : threads) {
        static_cast<void>(join_thread(thread, here));
    }
    const std::uint64_t total = arch::read_cycles() - begin;
    print_cycles("all_free_perf", total / (std::uint64_t{kBatch} * kBatches * kFreeing));
}

}  // namespace fathom
