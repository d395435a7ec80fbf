// Thread stacks: birth, one page more, death.
//
// Owns:    the entries of the page table in the lazy range.
// Context: create and destroy are preemptible; install() runs on the exception stack with
//          interrupts off, takes no lock but the allocator's, and that only when the reserve is
//          dry.
// Story:   create() <- sched; install() <- page_fault.cpp; pages go back through shootdown.cpp.

#include <mm/thread_stack.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <lib/proof_fact.h>
#include <mm/failure_injection.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/shootdown.hpp>
#include <mm/stack_arena.hpp>
#include <mm/stack_install.hpp>

namespace fathom::mm {

namespace {

using Format = arch::PageTableFormat;

/// What clearing a range gathers, until every CPU has forgotten it.
struct ClearedStack {
    explicit ClearedStack(unsigned stack_class) : stack_class(stack_class) {}
    void entry_gone(VirtAddr, std::uint64_t entry) { pages.push(Format::address(entry)); }
    void table_gone(PhysAddr table) {
        StackArena::of(stack_class).table_gone();
        tables.push(table);
    }
    unsigned stack_class;
    FrameList pages;
    FrameList tables;
};

}  // namespace

Result<ThreadStack*> ThreadStack::create(std::uint64_t size_bytes, std::uint64_t owner,
                                         Preemptible here) {
    if (size_bytes == 0 || size_bytes > kLargestStack) {
        return Error::invalid_argument;
    }
    if (allocation_must_fail()) {
        return Error::out_of_memory;
    }
    const unsigned stack_class = StackGeometry::class_for(size_bytes);
    if (ThreadStack* const cached = StackArena::of(stack_class).take_cached(owner, here)) {
        return cached;
    }
    ThreadStack* const stack = FATHOM_TRY(create_fresh(stack_class, here));
    stack->owner_ = owner;
    stack->word_.begin_life();
    return stack;
}

Result<ThreadStack*> ThreadStack::create_fresh(unsigned stack_class, Preemptible here) {
    ThreadStack* const stack = FATHOM_TRY(StackArena::of(stack_class).take_free(here));
    const PageCount pages = stack_pages_at_creation(stack->size_bytes());
    state_fact<ProofFact::lazy_stacks,
               StackPolicy::pages_at_creation(PageCount(2)) != PageCount(2)>();
    const Result<void> populated = stack->populate_top(pages, here);
    if (!populated.ok()) {
        stack->release(here);
        return populated.error();
    }
    return stack;
}

/// Zeroing is done while preemptible; only the entry is written with interrupts off.
Result<void> ThreadStack::populate_top(PageCount pages, Preemptible here) {
    for (std::size_t depth = 0; depth < pages.value; ++depth) {
        const PhysAddr frame = FATHOM_TRY(allocate_frame(here));
        arch::zero_page(phys_to_virt(frame).as());
        const VirtAddr page = top() - (depth + 1) * kPageSize;
        IrqsOff irqs{here, window<1024>};
        StackTableSource source(stack_class(), irqs);
        if (kernel_table.install(page, stack_entry(frame), source) != InstallResult::done) {
            free_frame(frame, static_cast<IrqsDisabled>(irqs));
            return Error::out_of_memory;
        }
        populated_.fetch_add(1);
        if (depth == 0) {
            remember_table(page, irqs);
        }
    }
    return {};
}

/// Notes the table that holds the entry of `address`, which is populated; none where that has gone
/// by now.
void ThreadStack::remember_table(VirtAddr address, IrqsDisabled) {
    const EntryPlace place = kernel_table.find(address);
    const std::uint64_t name = place.table.frame_number() << 32 | table_region(address);
    __atomic_store_n(&near_table_, place.entry == nullptr ? 0 : name, __ATOMIC_RELAXED);
}

Installed ThreadStack::install(VirtAddr address, IrqsDisabled irqs) {
    const PhysAddr frame =
        allocation_must_fail() ? PhysAddr{0} : FrameReserve::this_cpu(irqs).take(irqs);
    return install_from(StackTableSource(stack_class(), irqs), frame, address, irqs);
}

Installed ThreadStack::install_while_atomic(VirtAddr address, IrqsDisabled irqs) {
    const PhysAddr frame = GrowthReserve::this_cpu(irqs).take(irqs);
    return install_from(GrowthTableSource(stack_class(), irqs), frame, address, irqs);
}

/// `frame` is what goes in, {0} where there was none; page tables come from `source`.
template <typename Source>
Installed ThreadStack::install_from(Source&& source, PhysAddr frame, VirtAddr address,
                                    IrqsDisabled irqs) {
    if (frame.value == 0) {
        return Installed::no_frame;
    }
    const SlotValue before = word_.read();
    if (!before.is_live()) {
        source.give_back(frame);
        return Installed::stack_is_gone;
    }
    const InstallResult result = kernel_table.install(address, stack_entry(frame), source);
    if (result != InstallResult::done) {
        source.give_back(frame);
        return result == InstallResult::occupied ? Installed::by_another : Installed::no_frame;
    }
    // Before the second look, as the count: whoever ends the stack changes the word and then makes
    // the stack forget its table, so either that comes after this, or we see the change. A name
    // left behind would be trusted in the slot's next life, when the table is another's memory.
    remember_table(address, irqs);
    populated_.fetch_add(1);
    if (word_.read() != before) {
        __atomic_store_n(&near_table_, 0, __ATOMIC_RELAXED);
        take_out_again(address, irqs);
        return Installed::stack_is_gone;
    }
    FrameReserve::this_cpu(irqs).count_stack_fault();
    return Installed::now;
}

/// The stack ended while its page went in. Whoever destroys it has set the state before it looks
/// for pages, and we have installed before we looked at the state: one of the two finds the page.
/// In a slot that lives again it stays: zeroed and counted, it is as good as one of the new stack's
/// own.
void ThreadStack::take_out_again(VirtAddr address, IrqsDisabled irqs) {
    const EntryPlace place = kernel_table.find(address);
    if (word_.read().is_live() || place.entry == nullptr) {
        return;
    }
    const std::uint64_t entry = __atomic_load_n(place.entry, __ATOMIC_RELAXED);
    if (entry != 0 && kernel_table.remove(address, entry)) {
        populated_.fetch_sub(1);
        // Another CPU may have cached the translation by now.
        defer_free(address.page(), Format::address(entry), irqs);
    }
}

void ThreadStack::destroy(Preemptible here) {
    StackArena& arena = StackArena::of(stack_class());
    const PageCount kept = stack_pages_at_creation(size_bytes());
    word_.change_to(SlotState::dying);
    // A plain load may be done before the stlr above, which orders only what comes before it; an
    // ldar is not (Arm ARM, B2.3: a Store-Release before a Load-Acquire). Only hardware shows it.
    if (populated_after_change() != kept) {
        clear(first_page(), top() - kept.bytes(), here);
    }
    if (populated_after_change() == kept && arena.cache(*this, kept, here)) {
        return;
    }
    release(here);
}

/// Takes every page of a dying stack back.
void ThreadStack::release(Preemptible here) {
    clear(first_page(), top(), here);
    StackArena::of(stack_class()).give_free(*this, here);
}

/// Takes the pages of [begin, end) out, and the tables that become empty; frees them when no CPU
/// can reach them any more.
void ThreadStack::clear(VirtAddr begin, VirtAddr end, Preemptible here) {
    ClearedStack cleared(stack_class());
    __atomic_store_n(&near_table_, 0, __ATOMIC_RELAXED);
    for (VirtAddr at = begin; at < end;) {
        IrqsOff irqs{here, window<1024>};
        at = kernel_table.clear_some(at, end, cleared);
    }
    if (cleared.pages.empty() && cleared.tables.empty()) {
        return;
    }
    populated_.fetch_sub(cleared.pages.count);
    const Unlinked unlinked = cleared.tables.empty() ? Unlinked::pages_only : Unlinked::tables_too;
    shootdown_and_wait(begin, PageCount((end - begin) / kPageSize), unlinked, here);
    free_frame_list(cleared.pages, here);
    free_frame_list(cleared.tables, here);
}

/// Moves `at` up, some steps at a time; true when it has come to a populated page or the top.
bool ThreadStack::seek_lowest(VirtAddr& at, IrqsDisabled) const {
    bool found;
    at = kernel_table.seek_some(at, top(), found);
    return found || at == top();
}

PageCount ThreadStack::high_water(Preemptible here) const {
    VirtAddr at = first_page();
    for (bool done = false; !done;) {
        IrqsOff irqs{here, window<512>};
        done = seek_lowest(at, irqs);
    }
    return PageCount((top() - at) / kPageSize);
}

bool ThreadStack::is_populated(VirtAddr address, IrqsDisabled) const {
    const EntryPlace place = kernel_table.find(address);
    return place.entry != nullptr &&
           Format::is_present(__atomic_load_n(place.entry, __ATOMIC_RELAXED));
}

bool ThreadStack::is_populated(VirtAddr address, Preemptible here) const {
    IrqsOff irqs{here, window<0>};
    return is_populated(address, static_cast<IrqsDisabled>(irqs));
}

void drain_stack_caches(Preemptible here) {
    for (unsigned number = 0; number < kStackClasses; ++number) {
        while (ThreadStack* const stack = StackArena::of(number).uncache(here)) {
            stack->release(here);
        }
    }
    free_deferred_frames(here);
}

}  // namespace fathom::mm
