// Making the stack of a thread's system calls when the first call finds none.
//
// Context: preemptible; see the header.

#include <sched/system_call_stack.hpp>

#include <atomic>

#include <arch/system_call.hpp>
#include <context/context_word.hpp>
#include <context/kernel_work.hpp>
#include <lib/boot_info.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/kernel_stack_geometry.hpp>
#include <mm/thread_stack.hpp>
#include <sched/system_call.hpp>

namespace fathom {

namespace {

constinit std::atomic<std::size_t> stacks = 0;

// Every thread may make a call; besides, CPUs have idle threads and traps with stacks like these.
static_assert(mm::most_kernel_stacks(kSystemCallStackBytes) >= kMaxThreads + 8 * kMaxCpus);

}  // namespace

VirtAddr own_stack_pointer(const Thread& thread, VirtAddr sp) {
    const VirtAddr top = system_call_stack_top(thread);
    const bool inside_call = sp < top && top - sp <= kSystemCallStackBytes;
    const VirtAddr own = inside_call ? arch::system_caller(thread).sp : sp;
    const mm::ThreadStack* const stack = thread.stack;
    const bool stands_elsewhere =
        stack != nullptr && (own < stack->first_page() || own > stack->top());
    return stands_elsewhere ? stack->first_page() : own;
}

void free_system_call_stack(Thread& thread, Preemptible here) {
    const VirtAddr top = system_call_stack_top(thread);
    if (top.value != 0) {
        mm::destroy_kernel_stack(top, kSystemCallStackBytes, here);
        thread.system_call_stack = arch::kNoSystemCallStack;
        stacks.fetch_sub(1, std::memory_order_relaxed);
    }
}

std::size_t system_call_stacks() { return stacks.load(std::memory_order_relaxed); }

}  // namespace fathom

// On the caller's own stack, as an ordinary call: faults are legal. Only the thread itself writes
// where its stack is, and none of its calls is under way, or this is one too many.
extern "C" std::uint64_t fathom_prepare_system_call() {
    using namespace fathom;
    ASSERT(ContextWord::now().preemptible(),
           "a system call was made in an atomic section (context word {})",
           ContextWord::now().bits());
    const Preemptible here = Preemptible::at_api_boundary();
    Thread& self = current_thread();
    if (self.system_call_stack != arch::kNoSystemCallStack) {
        return answer_of(Error::busy);
    }
    const KernelWork work{here};
    const Result<VirtAddr> top = mm::create_kernel_stack(kSystemCallStackBytes, here);
    if (!top.ok()) {
        return answer_of(top.error());
    }
    stacks.fetch_add(1, std::memory_order_relaxed);
    self.system_call_stack = top->value;
    return 0;
}
