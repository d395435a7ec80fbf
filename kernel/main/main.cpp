// The kernel's life, to be recited: one call a line, the comment says what now exists.
//
// Context: boot CPU, interrupts off, on the boot stack, which becomes the idle thread's.
// Story:   called by boot/<arch>/ with all that it found out; ends as CPU 0's idle thread. The
//          first thread (first_thread.cpp) does the rest: starts the other CPUs, runs the jobs and
//          tests.

#include <arch/cpu_local.hpp>
#include <lib/boot_info.hpp>
#include <main/first_thread.hpp>
#include <main/trap_stacks.hpp>
#include <mm/boot_context.hpp>
#include <mm/init.hpp>
#include <sched/init.hpp>

namespace fathom {

void kernel_main(BootInfo& boot) {
    sched::init_boot_cpu();     // a running thread: guards and per-CPU storage work
    greet(boot);                // a voice, and what the boot loader said
    mm::init(boot);             // frames, the final page table, the heap
    init_boot_traps(boot);      // traps: a fault is now a report, or a stack's growth
    init_devices(boot);         // interrupt controller, timer, console input
    sched::init_clock();        // seconds
    start_first_thread(boot);   // somebody to switch to
    sched::enter_idle();        // and this is what CPU 0 does when nobody wants it
}

}  // namespace fathom
