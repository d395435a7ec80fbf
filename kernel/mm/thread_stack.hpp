// The stacks of application threads: large, and populated page by page as they are touched.
//
// One ThreadStack is the record of one slot of an arena (stack_geometry.hpp draws a slot). Records
// lie in an array per size class, in address space of their own that is mapped a page at a time, so
// that an address leads to its record by arithmetic alone: a fault walks no list and takes no lock.
//
// Owns:    the records, and what is mapped in the lazy range.
// Context: each says. create() and destroy() are the creator's and the reaper's; install() the
//          fault's.
// Story:   created by sched/; page_fault.cpp decides whether a touch is legal and calls install();
//          the arenas' bookkeeping goes on in stack_arena.cpp.

#pragma once

#include <atomic>
#include <cstdint>

#include <context/policy.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/read_once.hpp>
#include <mm/slot_word.hpp>
#include <mm/stack_geometry.hpp>

namespace fathom::mm {

/// What became of an attempt to populate a page.
enum class Installed : std::uint8_t {
    now,
    by_another,     ///< it won the compare-and-swap, counted and traced
    no_frame,       ///< neither the reserve nor the allocator has one left
    stack_is_gone,  ///< the thread ended while we looked: a pointer outlived it
};

/// What became of the short way.
enum class AtOnce : std::uint8_t {
    done,
    no,    ///< something was not at hand, and nothing has changed: install() has the answer
    gone,  ///< as Installed::stack_is_gone, and the page is in: call take_out_again()
};

class ThreadStack {
public:
    ThreadStack(const ThreadStack&) = delete;
    ThreadStack& operator=(const ThreadStack&) = delete;

    /// A stack of at least `size_bytes` (rounded up to 8 KiB << n) for the thread `owner`, with as
    /// many pages populated as the policy wants at creation, from the top.
    /// Errors: invalid_argument (0 or over 1 GiB), out_of_memory.
    /// Context: preemptible, may fault.
    static Result<ThreadStack*> create(std::uint64_t size_bytes, std::uint64_t owner, Preemptible);

    /// Ends the stack; no thread runs on it any more. Its pages go back, but for those of a few
    /// stacks of each size that are kept as they are for the next create().
    /// Context: preemptible, may fault; no spinlock held.
    void destroy(Preemptible);

    /// The stack whose slot `address` lies in, its gap included, whatever its state; null outside
    /// of all slots that were ever used.
    /// Context: any.
    static ThreadStack* containing(VirtAddr address) {
        const std::uint32_t stack_class = StackGeometry::class_at(address);
        if (stack_class >= kStackClasses) {
            return nullptr;
        }
        const StackPlace place = locate(address, stack_class);
        return is_slot(place) ? &at(place) : nullptr;
    }
    /// Whether the slot was ever used.
    /// Context: any.
    [[gnu::always_inline]] static bool is_slot(StackPlace place) {
        return place.index < read_once(stack_classes[place.stack_class].slots_in_use);
    }
    /// Its record, where it was.
    /// Context: any.
    [[gnu::always_inline]] static ThreadStack& at(StackPlace place) {
        return *record(place.stack_class, place.index);
    }

    /// One past the highest byte; 16-byte aligned and more.
    /// Context: any, like all questions from here on.
    VirtAddr top() const { return base() + StackGeometry::stride(stack_class()); }
    /// The lowest byte that a thread may use.
    VirtAddr bottom() const { return top() - size_bytes(); }
    /// The lowest byte that may be populated: kPrefaultBytes below bottom().
    VirtAddr first_page() const { return base() + kStackGapBytes; }
    std::uint64_t size_bytes() const { return StackGeometry::usable_bytes(stack_class()); }
    /// Whether `address`, which lies in this slot, is in the gap below the stack.
    bool in_gap(VirtAddr address) const { return address < first_page(); }
    /// The thread that it was created for, as create() was told.
    std::uint64_t owner() const { return owner_; }
    /// Pages populated now.
    PageCount populated() const { return PageCount(populated_.load(std::memory_order_relaxed)); }
    /// The depth of the deepest populated page, in pages below the top: how deep its thread has
    /// been since pages were last taken from it (stack_release.hpp).
    /// Context: preemptible, may fault.
    PageCount high_water(Preemptible) const;
    SlotValue state() const { return word_.read(); }

    /// As populated(), for who has just changed the slot's word and asks what was installed before:
    /// the two accesses must not pass each other (slot_word.hpp).
    /// Context: any.
    PageCount populated_after_change() const {
        return PageCount(populated_.load(std::memory_order_seq_cst));
    }

    /// Whether the page that holds `address` is populated.
    /// Context: atomic, interrupts off.
    bool is_populated(VirtAddr address, IrqsDisabled) const;
    /// Context: preemptible, may fault.
    bool is_populated(VirtAddr address, Preemptible) const;

    /// Populates the page that holds `address` with a zeroed frame, readable and writable whatever
    /// the access was (or the first write after a read would fault again). `address` lies in the
    /// slot, above the gap.
    /// Context: exception stack or atomic, interrupts off.
    Installed install(VirtAddr address, IrqsDisabled);

    /// As install(), of a fault in an atomic section: by frames of the growth reserve alone.
    /// Context: exception stack, interrupts off.
    Installed install_while_atomic(VirtAddr address, IrqsDisabled);

    /// The short way, for the fault; inlined there. Defined in stack_install.hpp. Where the answer
    /// is `no` the frame, zeroed, is still the caller's.
    /// Context: exception stack, interrupts off.
    [[gnu::always_inline]] inline AtOnce install_at_once(VirtAddr address, PhysAddr frame,
                                                         IrqsDisabled);
    /// Takes the frame of a populated page out, 0 if there is none. Defined in stack_eviction.hpp.
    /// Context: atomic, interrupts off; see there.
    inline PhysAddr take_page(VirtAddr page, IrqsDisabled);
    /// Undoes an install whose stack ended meanwhile.
    /// Context: exception stack or atomic, interrupts off.
    void take_out_again(VirtAddr address, IrqsDisabled);

private:
    friend class StackArena;
    friend class StackRelease;
    friend void drain_stack_caches(Preemptible);
    ThreadStack() = default;

    [[gnu::always_inline]] static ThreadStack* record(unsigned stack_class, std::uint32_t index) {
        return stack_classes[stack_class].records.as<ThreadStack>() + index;
    }
    std::uint64_t record_offset() const { return VirtAddr::of(this).value - kSlotRecordBase; }
    unsigned stack_class() const {
        return static_cast<unsigned>(record_offset() >> kSlotRecordShift);
    }
    std::uint32_t index() const {
        return static_cast<std::uint32_t>(
            (record_offset() & ((std::uint64_t{1} << kSlotRecordShift) - 1)) / sizeof(ThreadStack));
    }
    VirtAddr base() const { return StackGeometry::slot_base(stack_class(), index()); }

    static Result<ThreadStack*> create_fresh(unsigned stack_class, Preemptible);
    Result<void> populate_top(PageCount pages, Preemptible);
    bool seek_lowest(VirtAddr& at, IrqsDisabled) const;
    void remember_table(VirtAddr address, IrqsDisabled);
    template <typename Source>
    Installed install_from(Source&& source, PhysAddr frame, VirtAddr address, IrqsDisabled);
    void clear(VirtAddr begin, VirtAddr end, Preemptible);
    void release(Preemptible);

    SlotWord word_;
    std::uint64_t owner_ = 0;  ///< constant while live
    /// A page table that a page of this stack lies in, or 0: bits 31..0 bits 52..21 of the
    /// addresses that it serves, bits 63..32 its frame. It stays while the stack is live, since the
    /// page does: who takes pages away first names the table of the highest, which is never taken.
    std::uint64_t near_table_ = 0;
    std::atomic<std::uint32_t> populated_ = 0;  ///< whoever changes an entry changes it
    std::uint32_t next_ = 0;  ///< index + 1 in the arena's list. Protected by its lock
};
static_assert(sizeof(ThreadStack) == 32, "part of the 512 bytes per thread");
static_assert(StackGeometry::slots(0) * sizeof(ThreadStack) <= 1ull << kSlotRecordShift);

/// How many pages a stack of `size_bytes` (8 KiB << n) has at birth, under this policy.
/// Context: any.
constexpr PageCount stack_pages_at_creation(std::uint64_t size_bytes) {
    return StackPolicy::pages_at_creation(PageCount((size_bytes + kPrefaultBytes) / kPageSize));
}

/// Takes the pages of all cached stacks back.
/// Context: preemptible, may fault; no spinlock held.
void drain_stack_caches(Preemptible);

/// One size class, or with add() all of them.
struct StackStatistics {
    std::uint64_t live = 0;             ///< stacks of threads
    std::uint64_t cached = 0;           ///< ended ones, kept for the next create()
    std::uint64_t promised_bytes = 0;   ///< usable bytes of the live ones
    std::uint64_t populated_pages = 0;  ///< of live and cached ones
    std::uint64_t table_pages = 0;      ///< page tables of the arena
    std::uint64_t record_pages = 0;     ///< pages of slot records; never given back
};
/// Of the class that serves `size_bytes`; a snapshot. Looks at every slot.
/// Context: preemptible, may fault.
StackStatistics stack_statistics(std::uint64_t size_bytes, Preemptible);
/// Of all classes together.
/// Context: preemptible, may fault.
StackStatistics stack_statistics(Preemptible);

}  // namespace fathom::mm
