// Placement on wake, pulling, and the machine's virtual time.
//
// A thread on its way from one CPU to another is in no queue, and in nobody's hands but ours; its
// virtual time is then the machine's. Two run queues are never locked at once.
//
// Owns:    see sched/balance.hpp.
// Context: atomic, interrupts off.

#include <sched/balance.hpp>

#include <bit>

#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <sched/scheduler.hpp>
#include <sched/stack_claim.hpp>
#include <trace/event.hpp>

namespace fathom {

namespace {

/// So many queued threads are looked at for one that may move: the search stays O(1).
constexpr unsigned kCandidates = 16;

/// The virtual time by which CPUs may differ before one takes from the other: a slice and a half.
std::uint64_t tolerance(const CpuScheduler& cpu) {
    return std::uint64_t{3} << cpu.queue.quantum_shift();
}

/// Whether `first` comes before `second`: virtual times of the machine may wrap.
bool is_behind(std::uint64_t first, std::uint64_t second) {
    return static_cast<std::int64_t>(first - second) < 0;
}

std::uint32_t least_loaded(CpuMask allowed) {
    std::uint32_t best = static_cast<std::uint32_t>(std::countr_zero(allowed));
    for (CpuMask left = allowed; left != 0; left &= left - 1) {
        const auto cpu = static_cast<std::uint32_t>(std::countr_zero(left));
        if (schedulers.of(cpu).queue.count() < schedulers.of(best).queue.count()) {
            best = cpu;
        }
    }
    return best;
}

/// Takes a queued thread that may run on `target` off another CPU, into flight; null if there is
/// none.
Thread* take_from(std::uint32_t source, std::uint32_t target, IrqsDisabled irqs) {
    CpuScheduler& cpu = schedulers.of(source);
    if (cpu.queue.count() == 0) {
        return nullptr;
    }
    SpinlockHeld held{cpu.lock, irqs};
    Thread* const thread = cpu.queue.find(kCandidates, [&](const Thread& candidate) {
        return (candidate.affinity & mask_of(target)) != 0 &&
               candidate.on_cpu.load(std::memory_order_acquire) == 0;
    });
    if (thread != nullptr) {
        cpu.queue.remove(*thread);
        thread->state = ThreadState::in_flight;
        thread->virtual_time += cpu.clock_offset;
        set_home(*thread, target);
    }
    return thread;
}

/// The CPU has been idle: its virtual time stood still, which must not count as having been unfair.
void catch_up_if_idle(CpuScheduler& cpu) {
    const std::uint64_t latest = latest_machine_clock.load(std::memory_order_relaxed);
    if (cpu.current == cpu.idle && cpu.queue.empty() && is_behind(cpu.machine_clock(), latest)) {
        cpu.clock_offset = latest - cpu.queue.clock();
    }
}

/// How far from its queue's clock a thread may land, in quanta: what a new one, one that slept, and
/// one that was pulled may keep of what it is owed or owes.
constexpr unsigned kNew = 0;
constexpr unsigned kWoken = RunQueue<Thread>::kLargestLag;
constexpr unsigned kPulled = RunQueue<Thread>::kLargestCarriedLag;

/// Queues a thread in flight whose cpu_index is `target` already. False if its affinity has
/// changed.
bool land(Thread& thread, std::uint32_t target, unsigned quanta, IrqsDisabled irqs) {
    CpuScheduler& cpu = schedulers.of(target);
    SpinlockHeld held{cpu.lock, irqs};
    if ((thread.affinity & mask_of(target)) == 0) {
        return false;
    }
    catch_up_if_idle(cpu);
    thread.virtual_time -= cpu.clock_offset;
    cpu.queue.admit_from_elsewhere(thread, quanta);
    queue_from_elsewhere(cpu, target, thread);
    trace::emit(trace::Wake{.thread = thread.thread_id, .cpu = target});
    return true;  // from here on it may run, and end
}

void place(Thread& thread, unsigned quanta, IrqsDisabled irqs) {
    for (;;) {
        const std::uint32_t target = choose_cpu(thread);
        CpuScheduler& from = schedulers.of(thread.cpu_index);
        {
            SpinlockHeld held{from.lock, irqs};
            if (thread.claim != nullptr) [[unlikely]] {
                thread.claim->woken = true;  // who keeps it from running will place it
                return;
            }
            thread.virtual_time += from.clock_offset;
            set_home(thread, target);
        }
        if (land(thread, target, quanta, irqs)) {
            return;
        }
        thread.virtual_time -= schedulers.of(target).clock_offset;
    }
}

/// Pulls one thread from `source` to the running CPU.
bool pull_from(std::uint32_t source, std::uint32_t here, IrqsDisabled irqs) {
    Thread* const thread = take_from(source, here, irqs);
    if (thread == nullptr) {
        return false;
    }
    if (!land(*thread, here, kPulled, irqs)) {
        thread->virtual_time -= schedulers.of(here).clock_offset;
        place_thread(*thread, irqs);
    }
    return true;
}

/// Pulls one thread from that CPU of `behind` whose virtual time is least and that has one to give.
void pull_from_furthest_behind(CpuMask behind, IrqsDisabled irqs) {
    const std::uint32_t here = arch::this_cpu_index();
    while (behind != 0) {
        auto furthest = static_cast<std::uint32_t>(std::countr_zero(behind));
        for (CpuMask left = behind; left != 0; left &= left - 1) {
            const auto other = static_cast<std::uint32_t>(std::countr_zero(left));
            if (is_behind(schedulers.of(other).machine_clock(),
                          schedulers.of(furthest).machine_clock())) {
                furthest = other;
            }
        }
        if (pull_from(furthest, here, irqs)) {
            return;
        }
        behind &= ~mask_of(furthest);
    }
}

/// The CPU's place in the machine's virtual time, kept at most some slices behind the furthest: a
/// CPU whose threads may not move can be behind for ever.
std::uint64_t publish_clock(CpuScheduler& cpu) {
    const std::uint64_t furthest_behind = std::uint64_t{RunQueue<Thread>::kLargestCarriedLag}
                                          << cpu.queue.quantum_shift();
    std::uint64_t latest = latest_machine_clock.load(std::memory_order_relaxed);
    std::uint64_t mine = cpu.machine_clock();
    if (is_behind(mine + furthest_behind, latest)) {
        cpu.clock_offset += latest - furthest_behind - mine;
        mine = latest - furthest_behind;
    }
    while (is_behind(latest, mine) && !latest_machine_clock.compare_exchange_weak(
                                          latest, mine, std::memory_order_relaxed)) {
    }
    return mine;
}

/// Threads wait here while another CPU has nothing to do: interrupts one that may run the first of
/// them, so that it pulls.
void wake_an_idle_cpu(CpuScheduler& cpu, IrqsDisabled irqs) {
    const CpuMask idle = idle_cpus.load(std::memory_order_relaxed);
    if (idle == 0 || cpu.queue.count() == 0) {
        return;
    }
    CpuMask usable = 0;
    {
        SpinlockHeld held{cpu.lock, irqs};
        cpu.queue.find(kCandidates, [&](const Thread& candidate) {
            usable = candidate.affinity & idle;
            return usable != 0;
        });
    }
    if (usable != 0) {
        arch::send_ipi(static_cast<std::uint32_t>(std::countr_zero(usable)), arch::Ipi::reschedule);
    }
}

}  // namespace

std::uint32_t choose_cpu(const Thread& thread) {
    const CpuMask allowed = thread.affinity & online_cpus();
    const CpuMask home = mask_of(thread.cpu_index) & allowed;
    if (home != 0 && thread.on_cpu.load(std::memory_order_acquire) != 0) {
        return thread.cpu_index;  // not saved yet: on its own CPU or nowhere
    }
    if (allowed == 0) {
        return thread.cpu_index;  // somebody keeps it from running: place() will see that
    }
    while (thread.on_cpu.load(std::memory_order_acquire) != 0) {
        arch::spin_hint();  // it is on its way out, and must not come back to that CPU
    }
    const CpuMask idle = idle_cpus.load(std::memory_order_relaxed) & allowed;
    if ((home & idle) != 0) {
        return thread.cpu_index;
    }
    if (idle != 0) {
        return static_cast<std::uint32_t>(std::countr_zero(idle));
    }
    return home != 0 ? thread.cpu_index : least_loaded(allowed);
}

void place_thread(Thread& thread, IrqsDisabled irqs) { place(thread, kWoken, irqs); }

void place_new_thread(Thread& thread, IrqsDisabled irqs) { place(thread, kNew, irqs); }

bool pull_for_idle(IrqsDisabled irqs) {
    const std::uint32_t here = arch::this_cpu_index();
    for (CpuMask left = online_cpus() & ~mask_of(here); left != 0; left &= left - 1) {
        if (pull_from(static_cast<std::uint32_t>(std::countr_zero(left)), here, irqs)) {
            return true;
        }
    }
    return false;
}

void balance_at_slice_end(IrqsDisabled irqs) {
    const CpuMask others = online_cpus() & ~mask_of(arch::this_cpu_index());
    if (others == 0) {
        return;
    }
    CpuScheduler& cpu = schedulers.this_cpu(irqs);
    std::uint64_t mine = 0;
    {
        SpinlockHeld held{cpu.lock, irqs};
        mine = publish_clock(cpu);
    }
    wake_an_idle_cpu(cpu, irqs);
    CpuMask behind = 0;
    for (CpuMask left = others; left != 0; left &= left - 1) {
        const auto other = static_cast<std::uint32_t>(std::countr_zero(left));
        const CpuScheduler& theirs = schedulers.of(other);
        if (theirs.queue.count() != 0 && is_behind(theirs.machine_clock() + tolerance(cpu), mine)) {
            behind |= mask_of(other);
        }
    }
    pull_from_furthest_behind(behind, irqs);
}

}  // namespace fathom
