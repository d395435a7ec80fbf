// From a kernel that can switch threads to one that works on all CPUs.
//
// Context: boot CPU, interrupts off; from first_thread() on, a preemptible kernel thread.
// Story:   called by main.cpp; goes on in secondary.cpp for each CPU and in work.cpp for the rest.

#include <main/first_thread.hpp>

#include <arch/cpu_local.hpp>
#include <build_options.hpp>
#include <context/log.hpp>
#include <context/policy.hpp>
#include <main/options.hpp>
#include <main/secondary.hpp>
#include <main/trap_stacks.hpp>
#include <main/work.hpp>
#include <mm/boot_context.hpp>
#include <mm/kernel_stack.hpp>
#include <sched/init.hpp>
#include <trace/event.hpp>

namespace fathom {
namespace {

constexpr std::size_t kFirstStackBytes = KiB(16);

void first_thread(Preemptible here, void* argument) {
    BootInfo& boot = *static_cast<BootInfo*>(argument);
    static constinit Options options;
    read_options(boot.command_line(), options);
    log_complaints(options);
    sched::set_jitter_seed(options.seed);
    trace::set_enabled(options.trace);

    ASSERT(sched::start_services(here).ok(), "no memory to start the kernel's own threads");
    ASSERT(sched::start_cpu_services(0, here).ok(), "no memory to start the kernel's own threads");
    start_secondary_cpus(
        boot, {.most = options.cpus, .patience_ns = options.cpu_patience_ms * 1'000'000ull}, here);
    do_the_work(boot, options, here);
}

}  // namespace

[[gnu::cold]] void greet(const BootInfo& boot) {
    log("Fathom: {} boot, {} CPU{}, stack policy {}{}{}", boot.boot_protocol, boot.cpu_count,
        boot.cpu_count == 1 ? "" : "s", StackPolicy::kName, kStackInvariants ? ", invariants" : "",
        kHardened ? ", hardened" : "");
    for (std::size_t i = 0; i < boot.complaint_count; ++i) {
        log("boot: {}", boot.complaints[i]);
    }
    if (boot.cpus_ignored != 0) {
        log("boot: {} CPUs over the limit of {} stay asleep", boot.cpus_ignored, kMaxCpus);
    }
}

void init_boot_traps(const BootInfo& boot) {
    ASSERT(create_trap_stacks(0, mm::boot_irqs_disabled()).ok(), "no memory for the trap stacks");
    arch::init_cpu(0, boot.cpus[0], sched::idle_anchor(0), trap_stack_tops(0).data());
}

void init_devices(const BootInfo& boot) {
    const Result<void> done = arch::init_machine(boot);
    ASSERT(done.ok(), "the machine lacks a device that the kernel needs (error {})", done.error());
}

void start_first_thread(BootInfo& boot) {
    const auto top = mm::create_kernel_stack(kFirstStackBytes, mm::boot_irqs_disabled());
    ASSERT(top.ok(), "no memory for the first thread's stack");
    sched::spawn_first<first_thread>(*top, kFirstStackBytes, &boot);
}

}  // namespace fathom
