// Starting the other CPUs, and where they arrive.
//
// Context: start_secondary_cpus(): preemptible. secondary_main(): a CPU's idle thread, interrupts
//          off.
// Story:   called by first_thread.cpp; arch::start_cpu() sends the CPU through its own start code
//          to secondary_main(), which ends in the scheduler.

#include <main/secondary.hpp>

#include <algorithm>

#include <arch/cpu_local.hpp>
#include <arch/power.hpp>
#include <arch/tlb.hpp>
#include <context/atomic_scope.hpp>
#include <context/log.hpp>
#include <context/online_cpus.hpp>
#include <context/per_cpu.hpp>
#include <lib/assert.hpp>
#include <main/cpu_start.hpp>
#include <main/trap_stacks.hpp>
#include <mm/init.hpp>
#include <mm/kernel_stack.hpp>
#include <sched/clock.hpp>
#include <sched/init.hpp>
#include <sched/thread.hpp>

namespace fathom {
namespace {

constexpr std::size_t kIdleStackBytes = KiB(16);

// Constant after first use: the starting CPU reads its own hardware id from here.
constinit const BootInfo* boot_info = nullptr;
constinit CpuStart starts[kMaxCpus]{};

/// What a CPU needs before it runs: stacks for its traps, frames for its stack faults.
Result<void> equip(std::uint32_t cpu, Preemptible here) {
    const Result<void> stacks = create_trap_stacks(cpu, here);
    if (!stacks.ok()) {
        return stacks;
    }
    IrqsOff atomic{on_kernel_thread};
    return mm::init_cpu(cpu, atomic);
}

/// Takes that back from a CPU that will never use it, as much as there was.
void take_back(std::uint32_t cpu, Preemptible here) {
    destroy_trap_stacks(cpu, here);
    IrqsOff atomic{on_kernel_thread};
    mm::retire_cpu(cpu, atomic);
}

/// Whether the CPU comes before `deadline`. One that has arrived will be online: no limit to that.
bool comes_online(std::uint32_t cpu, std::uint64_t deadline, Preemptible here) {
    while (!starts[cpu].has_arrived()) {
        if (now_ns() >= deadline && starts[cpu].abandon()) {
            return false;
        }
        yield(here);
    }
    while ((online_cpus() >> cpu & 1) == 0) {
        yield(here);
    }
    return true;
}
/// Sends for a CPU that is equipped, and waits until it is online.
Result<void> send_for(std::uint32_t cpu, std::uint64_t patience_ns, Preemptible here) {
    const VirtAddr stack = FATHOM_TRY(mm::create_kernel_stack(kIdleStackBytes, here));
    arch::ThreadAnchor& idle = sched::prepare_idle_thread(cpu);
    const std::uint64_t deadline = now_ns() + patience_ns;
    // With no patience at all the CPU is given up before it can come: all are late, for a test.
    const bool given_up = patience_ns == 0 && starts[cpu].abandon();
    const Result<void> sent = arch::start_cpu(cpu, boot_info->cpus[cpu], idle, stack);
    if (!sent.ok()) {
        mm::destroy_kernel_stack(stack, kIdleStackBytes, here);
        return sent;
    }
    // The stack of a late CPU stays for ever: it is where the CPU learns that it is late.
    const bool online = !given_up && comes_online(cpu, deadline, here);
    return online ? Result<void>() : Error::timed_out;
}

Result<void> start_one(std::uint32_t cpu, std::uint64_t patience_ns, Preemptible here) {
    Result<void> started = equip(cpu, here);
    if (started.ok()) {
        started = send_for(cpu, patience_ns, here);
    }
    if (!started.ok()) {
        take_back(cpu, here);
        return started;
    }
    // It runs threads already and cannot be sent away: without this theirs would wait for ever.
    const Result<void> served = sched::start_cpu_services(cpu, here);
    ASSERT(served.ok(), "no memory for the thread that refills CPU {}'s reserve", cpu);
    return {};
}

}  // namespace

[[gnu::cold]]
void start_secondary_cpus(const BootInfo& boot, const CpuStartLimits& limits, Preemptible here) {
    boot_info = &boot;
    // arch::start_cpu() wants us to stay here: on x86_64 a command has two halves, and a CPU that
    // we came to between them would send the second to whom it last had to do with.
    constexpr CpuMask kBootCpu = 1;
    static_cast<void>(set_affinity(current_thread().id(), kBootCpu, here));
    const auto count = std::min<std::size_t>(boot.cpu_count, limits.most);
    for (std::uint32_t cpu = 1; cpu < count; ++cpu) {
        const Result<void> started = start_one(cpu, limits.patience_ns, here);
        if (!started.ok()) {
            log("CPU {} (hardware id {}) did not start: {}", cpu, boot.cpus[cpu],
                describe(started.error()));
        }
    }
    static_cast<void>(set_affinity(current_thread().id(), kAllCpus, here));
    log("{} of {} CPUs online", online_cpu_count(), boot.cpu_count);
}

void secondary_main(std::uint32_t index) {
    if (!starts[index].arrive()) {
        arch::halt_forever();
    }
    arch::init_cpu(index, boot_info->cpus[index], sched::idle_anchor(index),
                   trap_stack_tops(index).data());
    mark_online(index);
    // From here on it is told what to forget; what it has read before nobody told it of.
    if constexpr (!arch::kTlbFlushReachesAllCpus) {
        arch::flush_tlb_all();
    }
    sched::enter_idle();
}

}  // namespace fathom
