// Starting the other CPUs, and where they arrive.
//
// Context: start_secondary_cpus(): preemptible. secondary_main(): a CPU's idle thread, interrupts
//          off.
// Story:   called by first_thread.cpp; arch::start_cpu() sends the CPU through its own start code
//          to secondary_main(), which ends in the scheduler.

#include <main/secondary.hpp>

#include <algorithm>

#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>
#include <context/log.hpp>
#include <context/online_cpus.hpp>
#include <main/trap_stacks.hpp>
#include <mm/init.hpp>
#include <mm/kernel_stack.hpp>
#include <sched/clock.hpp>
#include <sched/init.hpp>

namespace fathom {
namespace {

constexpr std::size_t kIdleStackBytes = KiB(16);
constexpr std::uint64_t kPatienceNs = 1'000'000'000;

// Constant after first use: the starting CPU reads its own hardware id from here.
constinit const BootInfo* boot_info = nullptr;

bool comes_online(std::uint32_t cpu, Preemptible here) {
    const std::uint64_t deadline = now_ns() + kPatienceNs;
    while ((online_cpus() >> cpu & 1) == 0) {
        if (now_ns() > deadline) {
            return false;
        }
        yield(here);
    }
    return true;
}

Result<void> start_one(std::uint32_t cpu, Preemptible here) {
    const VirtAddr stack = FATHOM_TRY(mm::create_kernel_stack(kIdleStackBytes, here));
    {
        IrqsOff atomic{on_kernel_thread};
        mm::init_cpu(cpu);
        const Result<void> stacks = create_trap_stacks(cpu, atomic);
        if (!stacks.ok()) {
            return stacks.error();
        }
    }
    arch::ThreadAnchor& idle = sched::prepare_idle_thread(cpu);
    const Result<void> started = arch::start_cpu(cpu, boot_info->cpus[cpu], idle, stack);
    if (!started.ok()) {
        return started.error();
    }
    if (!comes_online(cpu, here)) {
        return Error::timed_out;
    }
    return sched::start_cpu_services(cpu, here);
}

}  // namespace

void start_secondary_cpus(const BootInfo& boot, std::uint32_t most, Preemptible here) {
    boot_info = &boot;
    const auto count = std::min<std::size_t>(boot.cpu_count, most);
    for (std::uint32_t cpu = 1; cpu < count; ++cpu) {
        const Result<void> started = start_one(cpu, here);
        if (!started.ok()) {
            log("CPU {} (hardware id {}) did not start: {}", cpu, boot.cpus[cpu],
                describe(started.error()));
        }
    }
    log("{} of {} CPUs online", online_cpu_count(), boot.cpu_count);
}

void secondary_main(std::uint32_t index) {
    arch::init_cpu(index, boot_info->cpus[index], sched::idle_anchor(index),
                   trap_stack_tops(index).data());
    mark_online(index);
    sched::enter_idle();
}

}  // namespace fathom
