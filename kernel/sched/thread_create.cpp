// Making a thread: control block, id, stack, resume record, and into the run queue.
//
// The creator populates what the new thread needs before it becomes preemptible: its first page.
// That is mm's stack policy (pages_at_creation); nothing here touches the new stack.
//
// Owns:    detail::spawn(), detail::spawn_first(), free_thread().
// Context: see each.
// Story:   comes from sched/spawn.hpp; the thread begins in thread_entry() there.

#include <new>

#include <arch/irq.hpp>
#include <build_options.hpp>
#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <mm/heap.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/thread_stack.hpp>
#include <sched/balance.hpp>
#include <sched/spawn.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/thread_life.hpp>
#include <sched/thread_table.hpp>
#include <trace/event.hpp>

namespace fathom {

namespace {

constexpr std::size_t kDefaultApplicationStack = MiB(1);
constexpr std::size_t kDefaultKernelStack = KiB(16);

void copy_attributes(Thread& thread, const ThreadAttributes& attributes) {
    const std::size_t length = std::min(attributes.name.size(), kThreadNameSize - 1);
    attributes.name.copy(thread.name_text, length);
    thread.priority = attributes.priority;
    thread.set_priority(attributes.priority);
    thread.affinity = attributes.affinity;
    thread.detached = attributes.detached;
    set_home(thread, current_thread().cpu_index);  // it may move before it has run
}

Result<void> give_id(Thread& thread, Preemptible here) {
    for (;;) {
        {
            IrqsOff atomic{here, window<512>};
            SpinlockHeld held{thread_table_lock, atomic};
            if (enter_thread(thread, atomic)) [[likely]] {
                return {};
            }
        }
        const Result<void> grown = grow_thread_table(here);
        if (!grown.ok()) {
            return grown;
        }
    }
}

void take_id_back(Thread& thread, Preemptible here) {
    IrqsOff atomic{here, window<512>};
    SpinlockHeld held{thread_table_lock, atomic};
    forget_thread(thread, atomic);
}

Result<void> give_stack(Thread& thread, ThreadKind kind, std::size_t size, Preemptible here) {
    if (kind == ThreadKind::application) {
        const Result<mm::ThreadStack*> stack = mm::ThreadStack::create(
            size == 0 ? kDefaultApplicationStack : size, thread.thread_id, here);
        if (!stack.ok()) {
            return stack.error();
        }
        thread.lazy_stack = 1;
        thread.stack = *stack;
        thread.stack_top = thread.stack->top();
        thread.stack_pages = static_cast<std::uint32_t>(thread.stack->size_bytes() / kPageSize);
        return {};
    }
    const std::size_t bytes = align_up(size == 0 ? kDefaultKernelStack : size, kPageSize);
    const Result<VirtAddr> top = mm::create_kernel_stack(bytes, here);
    if (!top.ok()) {
        return top.error();
    }
    thread.stack_top = *top;
    thread.stack_pages = static_cast<std::uint32_t>(bytes / kPageSize);
    return {};
}

void take_stack_back(Thread& thread, Preemptible here) {
    if (thread.stack != nullptr) {
        thread.stack->destroy(here);
    } else {
        mm::destroy_kernel_stack(thread.stack_top, std::size_t{thread.stack_pages} * kPageSize,
                                 here);
    }
}

Result<void> equip(Thread& thread, ThreadKind kind, std::size_t stack_bytes, Preemptible here) {
    const Result<void> named = give_id(thread, here);
    if (!named.ok()) {
        return named;
    }
    const Result<void> stacked = give_stack(thread, kind, stack_bytes, here);
    if (!stacked.ok()) {
        take_id_back(thread, here);
    }
    return stacked;
}

void make_first_runnable(Thread& thread, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    place_new_thread(thread, atomic);
}

void trace_creation(const Thread& thread) {
    trace::emit(trace::ThreadCreate{.thread = thread.thread_id,
                                    .stack_bytes = std::uint64_t{thread.stack_pages} * kPageSize});
    if constexpr (kTraceAtomic) {
        trace::ThreadName named{.text = {}, .application = thread.is_application()};
        static_assert(sizeof named.text == kThreadNameSize - 1);  // the name's last byte is a zero
        std::copy_n(thread.name_text, sizeof named.text, named.text);
        trace::emit(named);
    }
}

}  // namespace

Result<ThreadId> detail::spawn(ThreadKind kind, void (*entry)(void*),
                               const ThreadAttributes& attributes, void* argument,
                               Preemptible here) {
    if ((attributes.affinity & online_cpus()) == 0) {
        return Error::invalid_argument;
    }
    const KernelWork work{here};
    void* const memory = mm::heap_allocate(sizeof(Thread), here);
    if (memory == nullptr) {
        return Error::out_of_memory;
    }
    auto& thread = *new (memory) Thread;
    copy_attributes(thread, attributes);
    const Result<void> equipped = equip(thread, kind, attributes.stack_bytes, here);
    if (!equipped.ok()) {
        mm::heap_free(memory, here);
        return equipped.error();
    }
    arch::init_resume_record(thread, thread.stack_top, entry, argument);
    const ThreadId id = thread.id();
    trace_creation(thread);
    make_first_runnable(thread, here);
    return id;  // the thread itself may be gone by now
}

void detail::spawn_first(void (*entry)(void*), VirtAddr stack_top, std::size_t stack_bytes,
                         void* argument, IrqsDisabled irqs) {
    alignas(Thread) static constinit std::byte memory[sizeof(Thread)] = {};
    auto& first = *new (memory) Thread;
    copy_attributes(first, {.name = "main"});
    {
        SpinlockHeld held{thread_table_lock, irqs};
        enter_thread(first, irqs);
    }
    first.stack_top = stack_top;
    first.stack_pages = static_cast<std::uint32_t>(stack_bytes / kPageSize);
    arch::init_resume_record(first, stack_top, entry, argument);
    place_new_thread(first, irqs);
}

void free_thread(Thread& thread, Preemptible here) {
    const KernelWork work{here};
    while (thread.on_cpu.load(std::memory_order_acquire) != 0) {
        arch::spin_hint();  // it has ended, and is a few instructions from having left its CPU
    }
    take_id_back(thread, here);
    take_stack_back(thread, here);
    free_system_call_stack(thread, here);
    if (!thread.ended) {  // mutexes that it held may name it for ever
        mm::heap_free(&thread, here);
    }
}

}  // namespace fathom
