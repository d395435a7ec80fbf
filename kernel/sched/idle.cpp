// What a CPU does when nobody is queued: it looks whether another CPU has too much, and sleeps.
//
// The idle thread is the context that its CPU was started in. It is never queued, never blocks, and
// runs with interrupts off from its first instruction on (the interrupt depth of its birth is never
// taken off): wait_for_interrupt() opens them where nothing can be lost. So it is a handy pair of
// hands, too: a thread that must leave this CPU is saved once the idle thread runs, which then
// carries it over.
//
// Owns:    sched::enter_idle(), the idle threads.
// Context: atomic, interrupts off, rule 1 (the idle stack is populated).
// Story:   comes from main/main.cpp and main/secondary.cpp; goes to scheduler.cpp whenever
//          somebody is queued.

#include <cstddef>
#include <new>

#include <arch/cpu_local.hpp>
#include <arch/irq.hpp>
#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <sched/balance.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/init.hpp>
#include <sched/scheduler.hpp>
#include <sched/thread_life.hpp>
#include <sched/thread_table.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

namespace {

/// Memory in which prepare_idle_thread() makes a CPU's idle thread: there is no heap yet.
struct IdleThread {
    alignas(Thread) std::byte memory[sizeof(Thread)];

    Thread& thread() { return *std::launder(reinterpret_cast<Thread*>(memory)); }
};
constinit IdleThread idle_threads[kMaxCpus] = {};

void carry_over_who_leaves(CpuScheduler& cpu, IrqsDisabled irqs) {
    if (Thread* const thread = cpu.leaving) {
        cpu.leaving = nullptr;
        place_thread(*thread, irqs);
    }
}

/// Sleeps until an interrupt, unless somebody has been queued.
void sleep_while_idle(CpuScheduler& cpu, IrqsDisabled irqs) {
    idle_cpus.fetch_or(mask_of(arch::this_cpu_index()), std::memory_order_seq_cst);
    // A thread that is queued from here on comes with an interrupt, which ends the wait at once.
    if (cpu.queue.empty()) {
        interrupt_at(first_timer_deadline(irqs), irqs);
        arch::wait_for_interrupt();
    }
    idle_cpus.fetch_and(~mask_of(arch::this_cpu_index()), std::memory_order_seq_cst);
}

void name_idle_thread(Thread& thread, std::uint32_t cpu_index) {
    constexpr std::string_view kPrefix = "idle/";
    const std::size_t length = kPrefix.copy(thread.name_text, kPrefix.size());
    char* digits = thread.name_text + length;
    if (cpu_index >= 10) {
        *digits++ = static_cast<char>('0' + cpu_index / 10);
    }
    *digits = static_cast<char>('0' + cpu_index % 10);
}

}  // namespace

const Thread& idle_thread(std::uint32_t cpu_index) { return idle_threads[cpu_index].thread(); }

arch::ThreadAnchor& sched::idle_anchor(std::uint32_t cpu_index) {
    return idle_threads[cpu_index].thread();
}

arch::ThreadAnchor& sched::prepare_idle_thread(std::uint32_t cpu_index) {
    Thread& thread = *new (idle_threads[cpu_index].memory) Thread;
    constexpr std::uint64_t kOneIrqDepth = 1u << 16;
    thread.context_word = arch::kCalmBit | kOneIrqDepth;
    set_home(thread, cpu_index);
    thread.on_cpu.store(1, std::memory_order_relaxed);
    thread.state = ThreadState::idle;
    thread.virtual_time = kNever;  // and that stays: whoever is woken comes before it
    thread.rate = 0;
    thread.affinity = mask_of(cpu_index);
    name_idle_thread(thread, cpu_index);
    CpuScheduler& cpu = schedulers.of(cpu_index);
    cpu.idle = &thread;
    cpu.current = &thread;
    init_timer_queue(cpu_index);
    return thread;
}

void sched::init_boot_cpu() {
    schedulers.make();
    init_thread_table();
    arch::adopt_boot_thread(prepare_idle_thread(0));
}

void sched::enter_idle() {
    const IrqsDisabled irqs =
        detail::WitnessMint::irqs_disabled();  // off since this CPU's first moment
    CpuScheduler& cpu = this_scheduler(irqs);
    cpu.run_started = arch::read_cycles();
    for (;;) {
        carry_over_who_leaves(cpu, irqs);
        if (cpu.queue.empty() && !pull_for_idle(irqs)) {
            sleep_while_idle(cpu, irqs);
        }
        if (!cpu.queue.empty()) {
            // From here on the CPU is busy, and a busy CPU has its timer set: the tick keeps it so.
            interrupt_at(arch::read_cycles() + cpu.queue.slice_cycles(weight_shift(Priority::low)),
                         irqs);
            switch_away(irqs);
        }
    }
}

Result<void> sched::start_services(Preemptible here) {
    const Result<void> reaper = start_reaper(here);
    return reaper.ok() ? start_rcu_thread(here) : reaper;
}

}  // namespace fathom
