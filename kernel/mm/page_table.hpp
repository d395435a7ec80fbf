// Page tables without locks: installing an entry is one compare-and-swap, and so is linking a
// table.
//
// Stack faults install with interrupts off and cannot wait for a lock, so nobody takes one here.
// Tables come and go under their feet, and three rules keep that sound:
//
//   1. Whoever walks has interrupts off for the whole walk. A table that was unlinked is freed only
//      after every CPU has since answered an interrupt (mm/shootdown.hpp): by then no walk that
//      could have seen it is still under way.
//   2. Each table counts its non-zero entries. An installer counts first and writes second.
//   3. Taking a table away starts by changing its count from 0 to kFrozenTable. An installer that
//      finds its table frozen takes its count back and walks again from the root.
//
// The format is a policy, and so is memory: host tests run this very code on simulated memory.
//
// Owns:    PageTable<Format, Memory>.
// Context: interrupts off, except where a function says otherwise.
// Story:   kernel_space.hpp has the one instance; thread_stack.cpp and address_space.cpp use it.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <arch/protection.hpp>
#include <lib/units.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// Where an entry is: its table and the entry itself. Null entry: no table reaches so far down.
struct EntryPlace {
    PhysAddr table;
    std::uint64_t* entry = nullptr;
};

enum class InstallResult : std::uint8_t {
    done,
    occupied,  ///< there is an entry already, somebody's or a large page's
    no_table,  ///< a table was missing and the source had no frame
};

/// What becomes of tables that are left empty. They stay for who goes on using the range.
enum class EmptyTables : bool { stay, unlinked };

/// Memory is a policy of static functions:
///   entries(PhysAddr table) -> std::uint64_t*, live(PhysAddr table) -> std::int16_t&, publish().
/// Functions that may need tables take a Source: take_table() -> PhysAddr of a zeroed frame or {0},
///   give_back(PhysAddr), linked(PhysAddr) when it has become part of the tree.
/// Functions that remove take a Sink: entry_gone(VirtAddr, entry), table_gone(PhysAddr).
template <typename Format, typename Memory>
class PageTable {
    using Live = std::atomic_ref<std::int16_t>;
    using Entry = std::atomic_ref<std::uint64_t>;

public:
    static constexpr unsigned kLevels = Format::kLevels;
    static constexpr unsigned kEntries = 1u << Format::kIndexBits;

    /// Address bits below an index of `level`: what one entry of that level spans.
    static constexpr unsigned shift_of(unsigned level) {
        return kPageShift + Format::kIndexBits * (level - 1);
    }
    static constexpr std::uint64_t span_of(unsigned level) {
        return std::uint64_t{1} << shift_of(level);
    }
    static constexpr unsigned index_of(VirtAddr address, unsigned level) {
        return (address.value >> shift_of(level)) & (kEntries - 1);
    }

    constexpr PageTable() = default;
    /// `root` is a zeroed frame.
    explicit constexpr PageTable(PhysAddr root) : root_(root) {}
    PhysAddr root() const { return root_; }

    /// The level-1 entry of `address`; its entry is null where no table reaches it (or a large page
    /// does).
    EntryPlace find(VirtAddr address) const {
        PhysAddr table = root_;
        if (!descend<kLevels>(table, address)) [[unlikely]] {
            return {};
        }
        return {table, &Memory::entries(table)[index_of(address, 1)]};
    }

    /// As install(), into a level-1 table that the caller knows to be the one of `address`. False
    /// if the entry is not zero, or the table is frozen: nothing has changed then.
    [[gnu::always_inline]] static bool install_in(PhysAddr table, VirtAddr address,
                                                  std::uint64_t desired) {
        if (!count_entry(table)) [[unlikely]] {
            return false;
        }
        std::uint64_t nothing = 0;
        if (!entry_at(table, index_of(address, 1)).compare_exchange_strong(nothing, desired))
            [[unlikely]] {
            --Live(Memory::live(table));
            return false;
        }
        Memory::publish();
        return true;
    }

    /// As install_in(), for a table that is known to hold an entry of the caller's, so that nobody
    /// can take it away: the entry may then be counted after it is written, and a loser has nothing
    /// to take back.
    [[gnu::always_inline]] static bool install_beside(PhysAddr table, VirtAddr address,
                                                      std::uint64_t desired) {
        std::uint64_t nothing = 0;
        if (!entry_at(table, index_of(address, 1)).compare_exchange_strong(nothing, desired))
            [[unlikely]] {
            return false;
        }
        Live(Memory::live(table)).fetch_add(1, std::memory_order_relaxed);
        Memory::publish();
        return true;
    }

    /// The entry that maps `address` and its level; {0, 0} where nothing does.
    struct Mapping {
        std::uint64_t entry;
        unsigned level;
    };
    Mapping lookup(VirtAddr address) const {
        PhysAddr table = root_;
        for (unsigned level = kLevels; level > 0; --level) {
            const std::uint64_t entry = load(table, index_of(address, level));
            if (level == 1 || !Format::is_present(entry) || Format::is_leaf(entry, level)) {
                return {entry, entry == 0 ? 0 : level};
            }
            table = Format::address(entry);
        }
        __builtin_unreachable();
    }

    /// Writes `desired` into the level-1 entry of `address`, which must be zero, making the tables
    /// that are missing.
    template <typename Source>
    InstallResult install(VirtAddr address, std::uint64_t desired, Source& source);

    /// As install(), for an entry of a higher level that maps memory itself (Format::leaf).
    template <typename Source>
    InstallResult install_large(VirtAddr address, unsigned level, std::uint64_t desired,
                                Source& source);

    /// Changes the level-1 entry of `address` from `expected` to `desired`, both of them non-zero;
    /// false if it is something else by now. The caller flushes where `expected` was present.
    bool replace(VirtAddr address, std::uint64_t expected, std::uint64_t desired) {
        const EntryPlace place = find(address);
        if (place.entry == nullptr ||
            !Entry(*place.entry).compare_exchange_strong(expected, desired)) {
            return false;
        }
        Memory::publish();
        return true;
    }

    /// Takes the level-1 entry of `address` away if it is still `expected`. The caller flushes.
    bool remove(VirtAddr address, std::uint64_t expected) {
        const EntryPlace place = find(address);
        if (place.entry == nullptr || !Entry(*place.entry).compare_exchange_strong(expected, 0)) {
            return false;
        }
        Live(Memory::live(place.table)).fetch_sub(1);
        return true;
    }

    /// Entries that one clear_some() looks at, at most: it runs with interrupts off.
    static constexpr unsigned kStep = 64;

    /// Removes some of the level-1 entries of [from, end) and returns from where to go on (at or
    /// past `end` when done). Absent subtrees are skipped whole.
    template <EmptyTables empty = EmptyTables::unlinked, typename Sink>
    VirtAddr clear_some(VirtAddr from, VirtAddr end, Sink& sink);

    /// Looks for the lowest level-1 entry of [from, end) that is not zero: its address and `found`,
    /// or from where to go on (`end` when there is none). Takes as many steps as clear_some().
    VirtAddr seek_some(VirtAddr from, VirtAddr end, bool& found) const;

private:
    /// The tables that a walk went through, by level; [0] is unused.
    struct Path {
        PhysAddr tables[kLevels + 1];
    };

    /// Walks towards `address` as far as there are tables; returns the level of the last one.
    unsigned walk(VirtAddr address, Path& path) const;

    /// Takes the non-zero entries of [from, limit) out of the level-1 table `table`.
    template <typename Sink>
    static void clear_leaves(PhysAddr table, VirtAddr from, VirtAddr limit, Sink& sink);

    static Entry entry_at(PhysAddr table, unsigned index) {
        return Entry(Memory::entries(table)[index]);
    }
    [[gnu::always_inline]] static std::uint64_t load(PhysAddr table, unsigned index) {
        return entry_at(table, index).load(std::memory_order_relaxed);
    }
    /// Rule 2: counts an entry that is about to be written; false if the table is frozen (rule 3).
    [[gnu::always_inline]] static bool count_entry(PhysAddr table) {
        Live live(Memory::live(table));
        if (++live < 0) [[unlikely]] {
            --live;
            return false;
        }
        return true;
    }

    /// From the table of `level` down to that of level 1; false where there is none.
    template <unsigned level>
    static bool descend(PhysAddr& table, VirtAddr address) {
        if constexpr (level > 1) {
            const std::uint64_t entry = load(table, index_of(address, level));
            if (!Format::is_present(entry) ||
                (level <= Format::kLargestLeaf && Format::is_leaf(entry, level))) [[unlikely]] {
                return false;
            }
            table = Format::address(entry);
            return descend<level - 1>(table, address);
        }
        return true;
    }

    /// Makes the tables on the way to `address`, down to the one that holds entries of `bottom`.
    template <typename Source>
    [[gnu::noinline]] InstallResult grow(VirtAddr address, unsigned bottom, Source& source);

    /// Makes `entry` of `table` point to `fresh`; false if it is not zero any more. That one
    /// compare-and-swap is a release: the zeros of `fresh` are seen before it is.
    static bool link(Entry entry, PhysAddr table, PhysAddr fresh);

    /// Rule 3, from the table of `level` upwards for as long as they are empty. The root stays.
    template <typename Sink>
    static void unlink_empty(const Path& path, unsigned level, VirtAddr address, Sink& sink);

    PhysAddr root_{0};
};

}  // namespace fathom::mm

#include <mm/page_table_edit.hpp>
