// All CPUs at the same work: instructions of all of them together, for each operation.
//
// Under -icount the counter advances with every instruction of every CPU in turn, so what passes
// from the first operation to the last is what all of them have executed. What they spun for locks
// is in it, and shown apart: how often they looked in vain.

#include <figures/measure.hpp>

#include <atomic>

#include <context/online_cpus.hpp>
#include <context/spinlock.hpp>
#include <mm/heap.hpp>
#include <mm/thread_stack.hpp>
#include <sched/spawn.hpp>
#include <sync/mutex.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kOperations = 2000;
constexpr unsigned kMostCpus = 32;

using Operation = void (*)(Preemptible);

// What the workers share. They begin together: each waits until the last has come. Whoever comes
// last notes when they begin, and whoever is done last when they end.
struct Course {
    std::atomic<unsigned> ready = 0;
    std::atomic<unsigned> done = 0;
    unsigned workers = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t spins_at_begin = 0;
};

void pair_of_blocks(Preemptible here) {
    void* volatile block = mm::heap_allocate(64, here);
    mm::heap_free(block, here);
}

void one_mutex(Preemptible here) {
    static constinit Mutex mutex;
    mutex.lock(here);
    mutex.unlock(here);
}

void yield_once(Preemptible here) { yield(here); }

// Two threads hand blocks on: the one allocates, the other frees.
void blocks_from_elsewhere(Preemptible here) {
    static constinit std::atomic<void*> in_flight = nullptr;
    void* const block = in_flight.exchange(mm::heap_allocate(1024, here));
    mm::heap_free(block, here);
}

// The first touch of the own stack's next page, on all CPUs at once. Their reserves run dry soon,
// and then they meet at the frame allocator's lock.
void touch_next_page(Preemptible) {
    const mm::ThreadStack& stack = *current_thread().stack;
    const VirtAddr page = stack.top() - (stack.populated().value + 1) * kPageSize;
    if (page >= stack.bottom()) {
        static_cast<void>(*page.as<const volatile char>());
    }
}

void nothing(Preemptible, void*) {}

void short_life(Preemptible here) {
    const auto thread = spawn_application<nothing>(
        {.name = "short", .affinity = CpuMask{1} << current_thread().cpu_index}, nullptr, here);
    if (thread.ok()) {
        static_cast<void>(join_thread(*thread, here));
    }
}

template <Operation operation, unsigned count>
void worker(Preemptible here, void* argument) {
    auto& course = *static_cast<Course*>(argument);
    operation(here);  // warm
    if (course.ready.fetch_add(1) + 1 == course.workers) {
        course.spins_at_begin = spin_turns.load();
        course.begin = arch::read_cycles();
    }
    while (course.ready.load(std::memory_order_relaxed) < course.workers) {
    }
    for (unsigned i = 0; i < count; ++i) {
        operation(here);
    }
    if (course.done.fetch_add(1) + 1 == course.workers) {
        course.end = arch::read_cycles();
    }
}

template <Operation operation, unsigned count = kOperations>
void print_scaling(const char* name, Preemptible here) {
    Course course{.workers = online_cpu_count()};
    ThreadId threads[kMostCpus];
    for (unsigned i = 0; i < course.workers; ++i) {
        const auto thread = spawn_application<worker<operation, count>>(
            {.name = "worker", .affinity = CpuMask{1} << i}, &course, here);
        if (!thread.ok()) {
            PANIC("no memory for {} threads", course.workers);
        }
        threads[i] = *thread;
    }
    for (unsigned i = 0; i < course.workers; ++i) {
        static_cast<void>(join_thread(threads[i], here));
    }
    const std::uint64_t operations = std::uint64_t{count} * course.workers;
    print_cycles(name, (course.end - course.begin) / operations);
    const std::uint64_t spins = spin_turns.load() - course.spins_at_begin;
    log("figure: {}.spins {} turns", name, spins / operations);
}

}  // namespace

void measure_scaling(Preemptible here) {
    print_scaling<pair_of_blocks>("all_malloc_free_64", here);
    print_scaling<blocks_from_elsewhere>("all_free_elsewhere", here);
    print_scaling<one_mutex>("all_one_mutex", here);
    print_scaling<yield_once>("all_yield", here);
    print_scaling<short_life, 200>("all_create_join", here);
    print_scaling<touch_next_page, 200>("all_stack_fault", here);
    print_free_perf(here);
}

}  // namespace fathom
