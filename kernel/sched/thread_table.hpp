// Which thread an id names.
//
// Owns:    the table: a slot for each thread, in chunks that are allocated as they are needed and
//          never freed (4 KiB for 512 threads). A slot counts its uses, and the count is part of
//          the id, so that an id is never given twice.
// Context: atomic, interrupts off, thread_table_lock held, where nothing else is said.
// Story:   filled by sched/thread_create.cpp, emptied by sched/thread_exit.cpp.

#pragma once

#include <context/spinlock.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Protects the table and the fields of Thread that name it.
extern IrqSpinlock thread_table_lock;

/// The first chunk is part of the image: the first thread needs no heap.
/// Context: boot CPU, once.
void init_thread_table();

/// Makes sure that another thread will find a slot.
/// Errors: out_of_memory; busy where kMaxThreads exist.
/// Context: preemptible, may fault; inside sched.
Result<void> grow_thread_table(Preemptible here);

/// Gives `thread` an id; false if there is no free slot (grow_thread_table() first).
bool enter_thread(Thread& thread, IrqsDisabled);

/// Forgets the thread: its id names nobody from now on.
void forget_thread(Thread& thread, IrqsDisabled);

/// The thread of that id, or null.
Thread* find_thread(ThreadId id, IrqsDisabled);

/// For who goes through all threads: the one in a slot below thread_slots(), or null.
Thread* thread_of_slot(std::size_t number, IrqsDisabled);
std::size_t thread_slots(IrqsDisabled);

}  // namespace fathom
