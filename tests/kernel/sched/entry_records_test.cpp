// The entry records tell the truth: each thread runs on the stack that its entry's record states.
//
// What would break without it: the prover begins at the records. It would prove rule 1 for code
// that runs on a lazy stack, or not look at an entry at all.

#include <runner/test.hpp>

#include <array>
#include <span>

#include <arch/context_switch.hpp>
#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <kernel/support/crew.hpp>
#include <mm/live_memory.hpp>
#include <mm/thread_stack.hpp>
#include <panic/backtrace.hpp>
#include <panic/symbols.hpp>
#include <sched/clock.hpp>
#include <sched/stack_claim.hpp>
#include <sched/thread_table.hpp>
#include <sync/semaphore.hpp>

namespace fathom {

extern "C" const ThreadEntryRecord fathom_thread_entries_begin[];
extern "C" const ThreadEntryRecord fathom_thread_entries_end[];

namespace {

std::span<const ThreadEntryRecord> all_entries() {
    return {fathom_thread_entries_begin, fathom_thread_entries_end};
}

/// The record of the entry that holds `code`, which may lie in its cold part.
const ThreadEntryRecord* record_of(VirtAddr code) {
    CodeRange parts[4];
    const std::size_t count = parts_of(code, parts);
    for (const ThreadEntryRecord& record : all_entries()) {
        for (const CodeRange& part : std::span(parts, count)) {
            if (record.entry == part.begin.value) {
                return &record;
            }
        }
    }
    return nullptr;
}

/// An instruction of the function that called all others of a chain of frames.
VirtAddr in_outermost_function(FrameWalk walk, Preemptible here) {
    const auto read = [here](VirtAddr address) { return mm::read_live_word(address, here); };
    VirtAddr entry;
    VirtAddr last;
    std::size_t count = 0;
    for (; walk.next_by(read, entry); ++count) {
        last = code_of_entry(entry, count);
    }
    return last;
}

/// A parked thread that nobody lets go on.
class Held {
public:
    Held(ThreadId id, Preemptible here) : work_(here), here_(here) {
        IrqsOff atomic{here, window<2048>};
        SpinlockHeld held{thread_table_lock, atomic};
        Thread* const thread = find_thread(id, atomic);
        if (thread != nullptr && claim_parked(*thread, claim_, atomic)) {
            thread_ = thread;
        }
    }
    ~Held() {
        if (thread_ != nullptr) {
            IrqsOff atomic{here_, window<2048>};
            release_claim(claim_, atomic);
        }
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    const Thread* thread() const { return thread_; }

private:
    KernelWork work_;
    [[no_unique_address]] Preemptible here_;
    StackClaim claim_;
    const Thread* thread_ = nullptr;
};

/// The stack that sp really lies in.
void expect_stack(TestContext& test, const Thread& thread, VirtAddr sp, ThreadKind kind,
                  Preemptible here) {
    const mm::ThreadStack* const lazy = mm::ThreadStack::containing(sp);
    EXPECT_EQ(test, thread.is_application(), kind == ThreadKind::application);
    EXPECT(test, lazy == thread.stack);
    EXPECT_EQ(test, lazy != nullptr, kind == ThreadKind::application);
    const VirtAddr bottom = thread.stack_top - thread.stack_pages * kPageSize;
    EXPECT_GE(test, sp.value, bottom.value);
    EXPECT_LT(test, sp.value, thread.stack_top.value);
    for (VirtAddr page = bottom; kind == ThreadKind::kernel && page < thread.stack_top;
         page = page + kPageSize) {
        EXPECT_OK(test, mm::read_live_word(page, here));
    }
}

/// Returns whether the thread was parked, and so could be looked at.
bool check_thread(TestContext& test, ThreadId id, Preemptible here) {
    const Held held(id, here);
    if (held.thread() == nullptr) {
        return false;
    }
    const arch::ParkedState parked = arch::parked_state(*held.thread());
    const ThreadEntryRecord* const record =
        record_of(in_outermost_function({parked.pc, parked.frame_pointer}, here));
    EXPECT(test, record != nullptr);
    if (record != nullptr) {
        expect_stack(test, *held.thread(), parked.sp, record->kind, here);
    }
    return true;
}

ThreadId id_in_slot(std::size_t slot, Preemptible here) {
    IrqsOff atomic{here, window<2048>};
    SpinlockHeld held{thread_table_lock, atomic};
    const Thread* const thread =
        slot < thread_slots(atomic) ? thread_of_slot(slot, atomic) : nullptr;
    return thread == nullptr ? ThreadId{} : thread->id();
}

void park(Preemptible here, void* go) { static_cast<Semaphore*>(go)->wait(here); }

}  // namespace

KERNEL_TEST("sched: every entry record names its own function and kind of stack") {
    for (const ThreadEntryRecord& record : all_entries()) {
        EXPECT(test, in_text({record.entry}));
        EXPECT_EQ(test, symbol_of({record.entry}).offset, 0u);
        EXPECT(test, record.kind == ThreadKind::application || record.kind == ThreadKind::kernel);
        EXPECT(test, record_of({record.entry})->kind == record.kind);
    }
    EXPECT_GT(test, all_entries().size(), 5u);
}

KERNEL_TEST("sched: every parked thread is on the stack that its record states") {
    Semaphore go{0};
    const auto kernel = spawn_kernel<park>({.name = "kernel"}, &go, here);
    ASSERT_OK(test, kernel);
    const auto application = spawn_application<park>({.name = "application"}, &go, here);
    ASSERT_OK(test, application);
    sleep_for(1'000'000, here);  // until both have parked
    EXPECT(test, check_thread(test, *kernel, here));
    EXPECT(test, check_thread(test, *application, here));
    unsigned parked = 0;
    for (std::size_t slot = 0; slot < 512; ++slot) {
        const ThreadId id = id_in_slot(slot, here);
        parked += id.value != 0 && check_thread(test, id, here);
    }
    // The two, the kernel's own, and whoever started this test.
    EXPECT_GE(test, parked, 5u);
    go.post(here);
    go.post(here);
    EXPECT_OK(test, join_thread(*kernel, here));
    EXPECT_OK(test, join_thread(*application, here));
}

}  // namespace fathom
