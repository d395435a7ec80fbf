// The parked threads: memory before and while they wait, the difference named part by part.
//
// Context: preemptible. While it measures nobody else should allocate: it runs alone after boot.

#include <main/jobs/park.hpp>

#include <atomic>

#include <context/log.hpp>
#include <main/jobs/heap_array.hpp>
#include <main/jobs/report.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/heap.hpp>
#include <mm/thread_stack.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

struct Park {
    Semaphore gate{0};
    std::atomic<std::size_t> arrived = 0;
};

void parked_thread(Preemptible here, void* argument) {
    auto& park = *static_cast<Park*>(argument);
    park.arrived.fetch_add(1, std::memory_order_relaxed);
    park.gate.wait(here);
}

/// Memory at one moment, in bytes.
struct Usage {
    std::uint64_t frames = 0;  ///< in use for anything
    std::uint64_t stack_pages = 0;
    std::uint64_t page_tables = 0;  ///< of the stacks' arenas
    std::uint64_t slots = 0;        ///< records of stacks

    static Usage now(Preemptible here) {
        const mm::StackStatistics stacks = mm::stack_statistics(here);
        const mm::FrameStatistics frames = mm::frame_statistics();
        return {(frames.total - frames.available()) * kPageSize, stacks.populated_pages * kPageSize,
                stacks.table_pages * kPageSize, stacks.record_pages * kPageSize};
    }
    Usage since(const Usage& before) const {
        return {frames - before.frames, stack_pages - before.stack_pages,
                page_tables - before.page_tables, slots - before.slots};
    }
};

void drain_caches(Preemptible here) {
    mm::drain_stack_caches(here);
    mm::drain_heap_caches(here);
    mm::drain_frame_caches(here);
}

/// Starts the threads and waits until each of them waits; returns how many fit.
std::size_t start_parked(Park& park, std::span<ThreadId> threads, std::uint64_t stack_bytes,
                         Preemptible here) {
    std::size_t started = 0;
    for (; started < threads.size(); ++started) {
        const auto thread = spawn_application<parked_thread>(
            {.name = "parked", .stack_bytes = stack_bytes}, &park, here);
        if (!thread.ok()) {
            log("park: thread {} of {} could not be started: {}", started + 1, threads.size(),
                thread.error());
            break;
        }
        threads[started] = *thread;
    }
    while (park.arrived.load(std::memory_order_relaxed) < started) {
        yield(here);
    }
    sleep_for(1'000'000, here);  // from "arrived" to the wait it is a few instructions more
    return started;
}

void end_parked(Park& park, std::span<const ThreadId> threads, Preemptible here) {
    for (std::size_t i = 0; i < threads.size(); ++i) {
        park.gate.post(here);
    }
    for (const ThreadId thread : threads) {
        static_cast<void>(join_thread(thread, here));
    }
}

void report_parked(std::size_t threads, std::uint64_t stack_bytes, const Usage& usage) {
    const auto per_thread = [&](std::uint64_t bytes) { return bytes * 1000 / threads; };
    const std::uint64_t named = usage.stack_pages + usage.page_tables + usage.slots;
    const std::uint64_t rest = usage.frames > named ? usage.frames - named : 0;
    log("park: what {} waiting threads cost", Grouped(threads).view());
    report_row("stack promised to each", stack_bytes, "bytes");
    report_row("promised to all", stack_bytes * threads, "bytes");
    report_row("used by all, everything counted", usage.frames, "bytes");
    report_row_thousandths("used by each", per_thread(usage.frames), "bytes");
    report_row_thousandths("  stack page", per_thread(usage.stack_pages), "bytes");
    report_row_thousandths("  page-table share", per_thread(usage.page_tables), "bytes");
    report_row_thousandths("  stack slot record", per_thread(usage.slots), "bytes");
    report_row_thousandths("  control block and the rest", per_thread(rest), "bytes");
}

}  // namespace

[[gnu::cold]] bool run_park(const Options& options, Preemptible here) {
    const std::size_t wanted = options.parked_threads;
    if (wanted == 0) {
        return true;
    }
    const std::uint64_t stack_bytes =
        mm::StackGeometry::usable_bytes(mm::StackGeometry::class_for(options.stack_bytes));
    HeapArray<ThreadId> threads(wanted, here);
    if (!threads) {
        log("park: out of memory for the ids of {} threads; try park=N", wanted);
        return false;
    }
    Park park;
    drain_caches(here);
    const Usage before = Usage::now(here);
    const std::size_t started = start_parked(park, threads.objects(), stack_bytes, here);
    drain_caches(here);
    if (started != 0) {
        report_parked(started, stack_bytes, Usage::now(here).since(before));
    }
    end_parked(park, threads.objects().first(started), here);
    return started == wanted;
}

}  // namespace fathom
