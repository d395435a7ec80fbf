// The arenas' lists of slots, and the records' own pages.
//
// Owns:    the arenas, and the mappings of the records.
// Context: preemptible; the lists are touched under the arena's lock.
// Story:   called by thread_stack.cpp.

#include <mm/stack_arena.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <mm/frame_allocator.hpp>

namespace fathom::mm {

namespace {
constinit StackArena arenas[kStackClasses];
}  // namespace

StackArena& StackArena::of(unsigned stack_class) { return arenas[stack_class]; }

std::uint32_t StackArena::slots_in_use() const {
    return __atomic_load_n(&stack_classes[stack_class()].slots_in_use, __ATOMIC_ACQUIRE);
}

unsigned StackArena::stack_class() const { return static_cast<unsigned>(this - arenas); }

/// Context: atomic, lock_ held; so is push().
ThreadStack* StackArena::pop(std::uint32_t& list) {
    if (list == 0) {
        return nullptr;
    }
    ThreadStack* const stack = ThreadStack::record(stack_class(), list - 1);
    list = stack->next_;
    return stack;
}

void StackArena::push(std::uint32_t& list, ThreadStack& stack) {
    stack.next_ = list;
    list = stack.index() + 1;
}

ThreadStack* StackArena::take_cached(std::uint64_t owner, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    ThreadStack* const stack = pop(cached_);
    if (stack != nullptr) {
        --cached_count_;
        stack->owner_ = owner;
        stack->word_.begin_life();
    }
    return stack;
}

bool StackArena::cache(ThreadStack& stack, PageCount pages, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    if ((cached_count_ + 1) * pages.value > kCachedPages) {
        return false;
    }
    ++cached_count_;
    stack.word_.change_to(SlotState::cached);
    push(cached_, stack);
    return true;
}

ThreadStack* StackArena::uncache(Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    ThreadStack* const stack = pop(cached_);
    if (stack != nullptr) {
        --cached_count_;
        stack->word_.change_to(SlotState::dying);
    }
    return stack;
}

void StackArena::give_free(ThreadStack& stack, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    stack.word_.change_to(SlotState::free);
    push(free_, stack);
}

/// A free slot, or the next one whose record is mapped; null where there is neither.
ThreadStack* StackArena::take_known(Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    if (ThreadStack* const stack = pop(free_)) {
        return stack;
    }
    const std::uint32_t next = slots_in_use();
    if (next == mapped_.load(std::memory_order_relaxed)) {
        return nullptr;
    }
    __atomic_store_n(&stack_classes[stack_class()].slots_in_use, next + 1, __ATOMIC_RELEASE);
    return ThreadStack::record(stack_class(), next);  // zeroed: free, generation 0
}

Result<ThreadStack*> StackArena::take_free(Preemptible here) {
    for (;;) {
        if (ThreadStack* const stack = take_known(here)) {
            return stack;
        }
        if (const Result<void> mapped = map_records(here); !mapped.ok()) {
            return mapped.error();
        }
    }
}

/// Maps the next page of records. Others may be at it too: the first to map it wins.
[[gnu::cold]] Result<void> StackArena::map_records(Preemptible here) {
    const std::uint32_t mapped = mapped_.load(std::memory_order_acquire);
    if (mapped + kRecordsPerPage > StackGeometry::slots(stack_class())) {
        return Error::out_of_memory;  // of address space
    }
    const PhysAddr frame = FATHOM_TRY(allocate_frame(here));
    arch::zero_page(phys_to_virt(frame).as());
    const VirtAddr page = VirtAddr::of(ThreadStack::record(stack_class(), mapped));
    const Result<void> result = map_page(page, frame, arch::Protection::read_write, here);
    if (!result.ok()) {
        free_frame(frame, here);
        if (result.error() != Error::already_exists) {
            return result;
        }
    }
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{lock_, atomic};
    if (mapped_.load(std::memory_order_relaxed) == mapped) {
        mapped_.store(mapped + kRecordsPerPage, std::memory_order_release);
    }
    return {};
}

StackStatistics StackArena::statistics() const {
    StackStatistics result;
    const unsigned number = stack_class();
    const std::uint32_t in_use = slots_in_use();
    for (std::uint32_t index = 0; index < in_use; ++index) {
        const ThreadStack& stack = *ThreadStack::record(number, index);
        const SlotState state = stack.state().state();
        result.live += state == SlotState::live;
        result.cached += state == SlotState::cached;
        result.populated_pages += stack.populated().value;
    }
    result.promised_bytes = result.live * StackGeometry::usable_bytes(number);
    result.table_pages = tables_.load(std::memory_order_relaxed);
    result.record_pages = mapped_.load(std::memory_order_relaxed) / kRecordsPerPage;
    return result;
}

StackStatistics stack_statistics(std::uint64_t size_bytes, Preemptible) {
    return StackArena::of(StackGeometry::class_for(size_bytes)).statistics();
}

StackStatistics stack_statistics(Preemptible) {
    StackStatistics sum;
    for (unsigned number = 0; number < kStackClasses; ++number) {
        const StackStatistics one = StackArena::of(number).statistics();
        sum.live += one.live;
        sum.cached += one.cached;
        sum.promised_bytes += one.promised_bytes;
        sum.populated_pages += one.populated_pages;
        sum.table_pages += one.table_pages;
        sum.record_pages += one.record_pages;
    }
    return sum;
}

}  // namespace fathom::mm
