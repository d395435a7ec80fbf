// Starting a thread, and the first thing that it does.
//
//     void work(Preemptible here, void* argument) { ... }
//
//     Result<ThreadId> id = spawn_application<work>({.name = "worker"}, &job, here);
//     Result<std::uint64_t> value = join_thread(*id, here);
//
// The function is a template argument, so that every entry of a thread is known when the kernel is
// linked: each leaves a record in .thread_entries with its kind, and the prover starts there.
//
// Owns:    spawn_application(), spawn_kernel(), thread entries and their records.
// Context: see each.
// Story:   goes on in sched/thread_create.cpp; the new thread arrives in thread_entry() below,
//          atomic, as arch/context_switch.hpp says.

#pragma once

#include <arch/context_switch.hpp>
#include <arch/outermost_frame.hpp>
#include <context/atomic_scope.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// What a thread runs. When it returns the thread ends with the value 0.
using ThreadFunction = void (*)(Preemptible here, void* argument);

/// On which stack a thread runs; also the second word of an entry record.
enum class ThreadKind : std::uint64_t {
    application = 1,  ///< large, populated as it is touched
    kernel = 2,       ///< small, populated at creation
};

/// A record of .thread_entries; the linker scripts set its bounds.
struct ThreadEntryRecord {
    std::uint64_t entry;
    ThreadKind kind;
};
static_assert(sizeof(ThreadEntryRecord) == 16);

namespace detail {

/// Where a new thread arrives: atomic, on a stack whose first page is there.
template <ThreadFunction function, ThreadKind kind>
[[noreturn]] void thread_entry(void* argument) {
    arch::outermost_frame();
    asm volatile(
        ".pushsection .thread_entries,\"a?\"\n"
        ".balign 8\n"
        ".quad %c[entry]\n"
        ".quad %c[kind]\n"
        ".popsection" ::[entry] "i"(&thread_entry<function, kind>),
        [kind] "i"(static_cast<std::uint64_t>(kind)));
    if (arch::thread_begin()) {
        preempt_here();
    }
    const Preemptible here = WitnessMint::preemptible();
    function(here, argument);
    exit_thread(0, here);
}

Result<ThreadId> spawn(ThreadKind kind, void (*entry)(void*), const ThreadAttributes& attributes,
                       void* argument, Preemptible here);

/// The first thread of the kernel: no heap, no stack arenas and no preemptible caller needed.
void spawn_first(void (*entry)(void*), VirtAddr stack_top, std::size_t stack_bytes, void* argument,
                 IrqsDisabled);

}  // namespace detail

/// Starts an application thread: a large stack that is populated as it is touched.
/// Errors: invalid_argument (a stack size over 1 GiB, an affinity without an online CPU);
/// out_of_memory; busy where there are too many threads.
/// Context: preemptible, may fault.
template <ThreadFunction function>
Result<ThreadId> spawn_application(const ThreadAttributes& attributes, void* argument,
                                   Preemptible here) {
    return detail::spawn(ThreadKind::application,
                         &detail::thread_entry<function, ThreadKind::application>, attributes,
                         argument, here);
}

/// Starts a kernel thread: a small stack, populated now, on which rule 1 holds.
/// Errors: as spawn_application().
/// Context: preemptible, may fault.
template <ThreadFunction function>
Result<ThreadId> spawn_kernel(const ThreadAttributes& attributes, void* argument,
                              Preemptible here) {
    return detail::spawn(ThreadKind::kernel, &detail::thread_entry<function, ThreadKind::kernel>,
                         attributes, argument, here);
}

}  // namespace fathom
