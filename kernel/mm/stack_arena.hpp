// The arenas: which slots of each size class are free, cached, or have never been used.
//
// Owns:    StackArena, one per size class.
// Context: the lock is a Spinlock: takers are atomic. A fault never takes it.
// Story:   called by thread_stack.cpp.

#pragma once

#include <atomic>
#include <cstdint>

#include <context/spinlock.hpp>
#include <lib/thread_safety.hpp>
#include <mm/frame.hpp>
#include <mm/growth_reserve.hpp>
#include <mm/kernel_space.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::mm {

class StackArena {
public:
    /// Pages that the cached stacks of one class keep populated, all together.
    static constexpr std::size_t kCachedPages = 16;

    constexpr StackArena() = default;
    static StackArena& of(unsigned stack_class);

    /// A stack as a thread left it, in a new life, for `owner`; null where none is cached.
    /// Context: preemptible, may fault; inside mm.
    ThreadStack* take_cached(std::uint64_t owner, Preemptible);
    /// Keeps a dying stack that has `pages` populated; false where enough are kept.
    /// Context: preemptible, may fault; inside mm.
    bool cache(ThreadStack& stack, PageCount pages, Preemptible);
    /// Takes a cached stack to die for good; null where none is cached.
    /// Context: preemptible, may fault; inside mm.
    ThreadStack* uncache(Preemptible);

    /// A slot without pages, in state free or never used, that belongs to the caller now.
    /// Errors: out_of_memory.
    /// Context: preemptible, may fault; inside mm.
    Result<ThreadStack*> take_free(Preemptible);
    /// Gives back a slot without pages.
    /// Context: preemptible, may fault; inside mm.
    void give_free(ThreadStack& stack, Preemptible);

    StackStatistics statistics() const;

    /// Page tables of this arena, counted as they come and go.
    void table_linked() { tables_.fetch_add(1, std::memory_order_relaxed); }
    void table_gone() { tables_.fetch_sub(1, std::memory_order_relaxed); }

private:
    static constexpr std::uint32_t kRecordsPerPage = kPageSize / sizeof(ThreadStack);

    unsigned stack_class() const;
    std::uint32_t slots_in_use() const;
    ThreadStack* pop(std::uint32_t& list);
    void push(std::uint32_t& list, ThreadStack& stack);
    ThreadStack* take_known(Preemptible);
    Result<void> map_records(Preemptible);

    Spinlock lock_{LockRank::stack_arena};
    std::uint32_t free_ = 0;          ///< index + 1 of the first, 0: none. Protected by lock_.
    std::uint32_t cached_ = 0;        ///< likewise
    std::uint32_t cached_count_ = 0;  ///< Protected by lock_.
    std::atomic<std::uint32_t> mapped_ = 0;  ///< records that are mapped; only grows, under lock_
    std::atomic<std::uint32_t> tables_ = 0;
};

/// Frames for page tables of an arena, which counts them.
struct StackTableSource : TableSource {
    StackTableSource(unsigned stack_class, IrqsDisabled irqs)
        : TableSource{irqs}, stack_class(stack_class) {}
    void linked(PhysAddr frame) {
        TableSource::linked(frame);
        StackArena::of(stack_class).table_linked();
    }
    unsigned stack_class;
};

/// The same from the growth reserve.
struct GrowthTableSource : StackTableSource {
    using StackTableSource::StackTableSource;
    PhysAddr take_table() FATHOM_VOUCHED_FOR { return GrowthReserve::this_cpu(irqs).take(irqs); }
    /// It came from there, so there is room.
    void give_back(PhysAddr frame) FATHOM_VOUCHED_FOR {
        GrowthReserve::this_cpu(irqs).add(frame, irqs);
    }
};

}  // namespace fathom::mm
