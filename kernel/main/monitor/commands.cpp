// The table of commands.
//
// Context: preemptible.

#include <lib/proof_fact.h>
#include <main/monitor/command.hpp>

namespace fathom::monitor {

namespace {

constexpr Command kCommands[] = {
    {"threads", "", "every thread: state, CPU, stack, time",
     "Lists the threads. \"stack\" is what was promised to one, \"pages\" how many pages of it are "
     "populated now, \"time\" what it has used of a CPU. An app thread has a large stack that is "
     "populated as it is touched; a kernel thread has a small one that is populated wholly.",
     show_threads},
    {"cpus", "", "what each CPU runs, its switches, idle time",
     "Shows for each CPU the running thread, how many threads wait for it, how often it has "
     "switched, how much of its time was idle, how many stack faults it has served and how many "
     "zeroed frames it keeps ready for the next ones.",
     show_cpus},
    {"stack", "<tid>", "a thread's stack, page by page",
     "Draws the stack of a thread from its top down. Pages in the same state share a line. A "
     "parked thread is kept from running meanwhile, so that its stack pointer is true. Pages below "
     "sp were left by an earlier, deeper call: trim takes them back. Read docs/first-touch.md.",
     show_stack, "", "threads lists the ids"},
    {"bt", "<tid>", "where a parked thread will go on",
     "Walks a parked thread's frame records, innermost first. Of a running thread there is nothing "
     "to walk: its registers are in the CPU. GDB sees those too: make attach-x86, attach-arm.",
     show_backtrace, "", "threads lists the ids"},
    {"faults", "[n]", "stack faults: how many, and the last n",
     "A stack fault is the first touch of a stack page. Shows how many were served since boot, and "
     "the last ones that the trace rings still hold: when, on which CPU, whose, which byte, and "
     "how many pages below the top of the stack. n is 10 unless told.",
     show_faults, "", "n is 1 to 1000"},
    {"sites", "[rule]", "places that turn interrupts or preemption off",
     "A site is a place that turns interrupts or preemption off and states one of the five rules "
     "why no stack page can fault there. Without a number: how many sites state each rule. With "
     "one: these sites, their windows, and how often the trace rings saw each. Hits are recorded "
     "by kernels of TYPE=trace only; in the others counting would cost what rule 3 saves. Read "
     "docs/rules.md.",
     show_sites, "1 2 3 4 5"},
    {"policy", "", "the stack policy of this kernel",
     "Shows what this build does before it turns interrupts or preemption off, for each rule, and "
     "where it allows a stack fault. Another policy is another build: make run-x86 TYPE=eager.",
     show_policy},
    {"mem", "", "frames, heap, stacks",
     "Shows where all frames are: free, in the CPUs' caches, zeroed in the reserves for stack "
     "faults, or in use; how much the heap holds; and how much was promised to stacks against what "
     "they use.",
     show_memory},
    {"trim", "", "give back what parked stacks do not need",
     "Takes the pages below sp from every parked application thread: what a deep recursion has "
     "left costs memory until its thread ends, or somebody trims. Read docs/memory-pressure.md.",
     trim_all_stacks},
    {"peek", "<address> [n]", "n words of memory",
     "Prints n words of 8 bytes (8 unless told, at most 64) from an address that is a multiple of "
     "8. Looks into the page tables first: what is not mapped, or belongs to a device, is not "
     "read. Words that point into the kernel's code are followed by the function's name.",
     peek, "", "bt and stack show addresses; n is 1 to 64"},
    {"spawn", "<n> [depth] [busy]", "n threads that have been so deep",
     "Starts n application threads. Each touches its stack down to depth bytes (16K unless told), "
     "comes back up and waits. See what they cost by mem, threads and stack, and what trim gives "
     "back. With busy they do not wait: each computes, and goes down to a random depth within "
     "depth again and again, beside the prompt. spawn 0 ends them all.",
     spawn_crew, "0", "n is up to 60000 (busy: 64), depth up to 512M"},
    {"trace", "on|off|show [n]", "the trace rings",
     "Turns recording on or off, or shows the last n events (16 unless told). Stack faults are "
     "recorded even when it is off. make trace draws a run as a timeline: docs/timeline.md.",
     control_trace, "on off show"},
    {"bench", "<row>", "a figure: heap, switches, threads, ...",
     "Measures one row of the figures: heap, switches, sections, interrupts, threads, faults, "
     "calls, touched, parked or scaling. The monitor runs in real time, so what is counted are "
     "cycles of the counter, and they vary; make figures counts instructions, exactly. Read "
     "docs/measuring.md.",
     run_bench, "heap switches sections interrupts threads faults calls touched parked scaling"},
    {"test", "<glob>", "the in-kernel tests that match",
     "Runs the tests whose names match: * is any text, ? any one byte, as in test mm: *. A test's "
     "name is a module and a sentence; make run-x86 LIST=1 names them all. What spawn has started "
     "ends first, since tests count memory to the frame.",
     run_tests, "", "test * runs them all, test mm: * those of mm"},
    {"break-rule", "<n>", "break rule 1 to 5, and read the panic",
     "States rule n where it is not true (or, rule 5, goes deeper than its window) and touches a "
     "new stack page there. The kernel does not survive it: that is the point. The report says "
     "which rule, what the site claimed, and what was true. Only under a policy with which no "
     "stack page can fault there (TYPE=eager, say) does it come back. Read docs/panics.md.",
     break_rule, "1 2 3 4 5"},
    {"help", "[command]", "this list, or a paragraph on one of them",
     "Lists the commands, or explains one. Tab completes, Up and Down go through earlier lines, "
     "Ctrl-A, -E, -W, -U, -K and -L edit as in a shell, Ctrl-C forgets the line.",
     show_help},
    {"poweroff", "", "end the machine",
     "Ends the monitor and powers the machine off. So does Ctrl-D on an empty line.", power_off},
};

}  // namespace

std::span<const Command> all_commands() {
    callable_table<CallClass::monitor, &kCommands, sizeof kCommands>();
    return kCommands;
}

const Command* find_command(std::string_view name) {
    for (const Command& command : all_commands()) {
        if (command.name == name) {
            return &command;
        }
    }
    return nullptr;
}

}  // namespace fathom::monitor
