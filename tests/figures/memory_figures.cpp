// What a parked thread costs in bytes: the frames that the second half of 2N threads takes, over N.

#include <figures/measure.hpp>

#include <kernel/support/deep.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/thread_stack.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kMostThreads = kMaxThreads;

// Parked threads, all waiting in their entry function.
class Lot {
public:
    /// How deep each goes before it parks, in frames of 1.9 KiB.
    unsigned frames = 0;

    /// Parks one more; false without memory.
    bool add(std::size_t stack_bytes, Preemptible here) {
        if (count_ == kMostThreads) {
            return false;
        }
        const auto thread = spawn_application<wait_here>(
            {.name = "parked", .stack_bytes = stack_bytes}, this, here);
        if (!thread.ok()) {
            return false;
        }
        threads_[count_++] = *thread;
        parked_.wait(here);
        return true;
    }
    unsigned add_many(unsigned wanted, std::size_t stack_bytes, Preemptible here) {
        unsigned added = 0;
        while (added < wanted && add(stack_bytes, here)) {
            ++added;
        }
        return added;
    }
    void send_home(Preemptible here) {
        for (unsigned i = 0; i < count_; ++i) {
            gate_.post(here);
        }
        for (unsigned i = 0; i < count_; ++i) {
            static_cast<void>(join_thread(threads_[i], here));
        }
        count_ = 0;
    }

private:
    static void wait_here(Preemptible here, void* argument) {
        auto& lot = *static_cast<Lot*>(argument);
        if (lot.frames != 0) {
            static_cast<void>(sum_down(lot.frames));
        }
        lot.parked_.post(here);
        lot.gate_.wait(here);
    }

    Semaphore parked_{0};
    Semaphore gate_{0};
    unsigned count_ = 0;
    ThreadId threads_[kMostThreads] = {};
};
constinit Lot lot;

std::size_t frames_in_use() {
    const mm::FrameStatistics frames = mm::frame_statistics();
    return frames.total - frames.available();
}

// With whole stacks populated there may be room for fewer than `batch`: then half as many as fit.
void measure_size(const char* name, std::size_t stack_bytes, unsigned batch, Preemptible here) {
    const unsigned fit = lot.add_many(batch, stack_bytes, here);
    if (fit < batch) {
        batch = fit / 2;
        lot.send_home(here);
        mm::drain_stack_caches(here);
        lot.add_many(batch, stack_bytes, here);
    }
    const std::size_t before = frames_in_use();
    const unsigned added = lot.add_many(batch, stack_bytes, here);
    const std::size_t after = frames_in_use();
    lot.send_home(here);
    mm::drain_stack_caches(here);
    if (added != 0) {
        print_figure(name, (after - before) * kPageSize / added, "bytes");
    }
}

}  // namespace

void measure_touched_stacks(Preemptible here) {
    lot.frames = 33;
    measure_size("touched_64k_bytes_1m", MiB(1), 80, here);
    lot.frames = 270;
    measure_size("touched_512k_bytes_1m", MiB(1), 50, here);
    lot.frames = 0;
}

void measure_parked_threads(Preemptible here) {
    measure_size("parked_thread_bytes_8k", KiB(8), 2000, here);
    measure_size("parked_thread_bytes_256k", KiB(256), 2000, here);
    measure_size("parked_thread_bytes_1m", MiB(1), 2000, here);
    measure_size("parked_thread_bytes_8m", MiB(8), 1000, here);
    measure_size("parked_thread_bytes_64m", MiB(64), 1000, here);
    measure_size("parked_thread_bytes_1g", GiB(1), 200, here);
    print_figure("threads_1m", lot.add_many(kMostThreads, MiB(1), here), "threads");
    lot.send_home(here);
}

}  // namespace fathom
