// How scheduling begins.
//
// On the boot CPU, in this order:
//
//     sched::init_boot_cpu();                  // what runs since power-on is now the idle thread
//                                              // of CPU 0; its anchor is idle_anchor(0)
//     arch::init_cpu(0, id, idle_anchor(0), tops);
//     mm::init(boot); ... arch::init_machine(boot);
//     sched::init_clock();                     // needs cycles_per_second()
//     sched::spawn_first<main_thread>(top, bytes, &boot);
//     sched::enter_idle();                     // opens the gate: main_thread runs
//
// main_thread is a kernel thread and preemptible, so from there on everything may wait:
//
//     sched::start_services(here);             // reaper, RCU
//     sched::start_cpu_services(0, here);      // memory refill of CPU 0
//     for each further CPU:
//         arch::start_cpu(cpu, id, sched::prepare_idle_thread(cpu), stack_top);
//         wait for it in online_cpus(); sched::start_cpu_services(cpu, here);
//
// and on such a CPU, in secondary_main(), where it has come in time:
//
//     arch::init_cpu(...); mark_online(index); sched::enter_idle();
//
// Owns:    the declarations; defined in idle.cpp, clock.cpp, memory_refill.cpp, tick.cpp.
// Context: see each.

#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/thread_anchor.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <sched/spawn.hpp>

namespace fathom::sched {

/// Makes the idle thread of CPU 0 out of the context that boot runs in: interrupt depth 1, no
/// reschedule pending. Nothing of it needs a heap.
/// Context: boot CPU, before arch::init_cpu(), interrupts off.
void init_boot_cpu();

/// Makes the idle thread of a CPU that is to be started, and its queues.
/// Context: any thread, once per CPU, before arch::start_cpu().
arch::ThreadAnchor& prepare_idle_thread(std::uint32_t cpu_index);

/// The anchor that arch::init_cpu() and start_cpu() want.
/// Context: any.
arch::ThreadAnchor& idle_anchor(std::uint32_t cpu_index);

/// Learns how fast the counter runs. Sleeps and slices have their length from here on.
/// Context: boot CPU, after arch::init_machine(), before the first thread.
void init_clock();

/// Queues the first thread, a kernel thread on a stack that the caller made.
/// Context: boot CPU on its idle thread, interrupts off.
template <ThreadFunction function>
void spawn_first(VirtAddr stack_top, std::size_t stack_bytes, void* argument) {
    detail::spawn_first(&detail::thread_entry<function, ThreadKind::kernel>, stack_top, stack_bytes,
                        argument, detail::WitnessMint::irqs_disabled());
}

/// The running context becomes what it was made for: the idle thread of its CPU.
/// Context: once per CPU, on its idle thread, interrupts off.
[[noreturn]] void enter_idle();

/// Starts the reaper and the RCU thread.
/// Errors: out_of_memory.
/// Context: preemptible, may fault; once.
Result<void> start_services(Preemptible here);

/// Starts the thread that refills a CPU's frame reserve; the CPU must be online.
/// Errors: out_of_memory.
/// Context: preemptible, may fault; once per CPU.
Result<void> start_cpu_services(std::uint32_t cpu_index, Preemptible here);

/// Varies the length of slices from now on, the same way for the same seed; 0: not at all.
/// Context: any; for a quiet machine.
void set_jitter_seed(std::uint64_t seed);

}  // namespace fathom::sched
