// A sorted list: there are few ranges, and the first hole that fits is as good as any.
//
// Context: preemptible.

#include <mm/range_list.hpp>

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
#include <mm/heap.hpp>

namespace fathom::mm {

namespace {

constinit Spinlock list_lock{LockRank::leaf};
constinit Range* ranges = nullptr;  // In ascending order. Protected by list_lock.

/// Finds the first hole that holds `bytes` and a page on either side; false where there is none.
bool place(Range& range, std::uint64_t bytes, std::uint64_t bytes_below, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    VirtAddr free_from = kRangeBase + kPageSize;
    Range** link = &ranges;
    while (*link != nullptr && (*link)->lowest - free_from < bytes + kPageSize) {
        free_from = (*link)->end + kPageSize;
        link = &(*link)->next;
    }
    if (kRangeEnd - free_from < bytes + kPageSize) {
        return false;
    }
    range = {.lowest = free_from,
             .begin = free_from + bytes_below,
             .end = free_from + bytes,
             .next = *link,
             .busy = true};
    *link = &range;
    return true;
}

Result<Range*> claim(Range* range) {
    if (range == nullptr) {
        return Error::not_found;
    }
    if (range->busy) {
        return Error::busy;
    }
    range->busy = true;
    return range;
}

}  // namespace

Result<Range*> add_range(std::uint64_t bytes, std::uint64_t bytes_below, Preemptible here) {
    auto* const range = static_cast<Range*>(heap_allocate(sizeof(Range), here));
    if (range == nullptr) {
        return Error::out_of_memory;
    }
    if (!place(*range, bytes + bytes_below, bytes_below, here)) {
        heap_free(range, here);
        return Error::out_of_memory;
    }
    return range;
}

Result<Range*> claim_range(VirtAddr begin, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    Range* range = ranges;
    while (range != nullptr && range->begin != begin) {
        range = range->next;
    }
    return claim(range);
}

Result<Range*> claim_range_around(VirtAddr begin, VirtAddr end, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    Range* range = ranges;
    while (range != nullptr && range->end <= begin) {
        range = range->next;
    }
    const bool inside = range != nullptr && range->begin <= begin && end <= range->end;
    return claim(inside ? range : nullptr);
}

void unclaim_range(Range& range, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    range.busy = false;
}

void forget_range(Range& range, Preemptible here) {
    {
        PreemptOff atomic{here, window<0>};
        SpinlockHeld held{list_lock, atomic};
        Range** link = &ranges;
        while (*link != &range) {
            link = &(*link)->next;
        }
        *link = range.next;
    }
    heap_free(&range, here);
}

}  // namespace fathom::mm
