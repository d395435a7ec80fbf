// Page tables, the parts that make and take tables: definitions of page_table.hpp's templates.
//
// Owns:    nothing; included by page_table.hpp alone.
// Context: interrupts off: rules 1 to 3 of page_table.hpp.

#pragma once

#include <mm/page_table.hpp>

namespace fathom::mm {

template <typename Format, typename Memory>
template <typename Source>
InstallResult PageTable<Format, Memory>::install(VirtAddr address, std::uint64_t desired,
                                                 Source& source) {
    for (;;) {
        const EntryPlace place = find(address);
        if (place.entry == nullptr) [[unlikely]] {
            const InstallResult grown = grow(address, 1, source);
            if (grown != InstallResult::done) {
                return grown;
            }
            continue;
        }
        if (install_in(place.table, address, desired)) [[likely]] {
            return InstallResult::done;
        }
        if (Entry(*place.entry).load(std::memory_order_relaxed) != 0) {
            return InstallResult::occupied;
        }
        // Frozen: its parent's entry goes away in a moment. (Or the entry came and went.)
    }
}

template <typename Format, typename Memory>
template <typename Source>
InstallResult PageTable<Format, Memory>::install_large(VirtAddr address, unsigned level,
                                                       std::uint64_t desired, Source& source) {
    const InstallResult grown = grow(address, level, source);
    if (grown != InstallResult::done) {
        return grown;
    }
    PhysAddr table = root_;
    for (unsigned above = kLevels; above > level; --above) {
        table = Format::address(load(table, index_of(address, above)));
    }
    std::uint64_t nothing = 0;
    Live(Memory::live(table)).fetch_add(1);
    if (!entry_at(table, index_of(address, level)).compare_exchange_strong(nothing, desired)) {
        Live(Memory::live(table)).fetch_sub(1);
        return InstallResult::occupied;
    }
    Memory::publish();
    return InstallResult::done;
}

template <typename Format, typename Memory>
template <EmptyTables empty, typename Sink>
VirtAddr PageTable<Format, Memory>::clear_some(VirtAddr from, VirtAddr end, Sink& sink) {
    constexpr bool unlinks = empty == EmptyTables::unlinked;
    for (unsigned step = 0; step < kStep && from < end; ++step) {
        Path path;
        const unsigned level = walk(from, path);
        if (level == 1) {
            const VirtAddr table_end = VirtAddr{align_down(from.value, span_of(2))} + span_of(2);
            const VirtAddr limit = std::min({end, table_end, from + kStep * kPageSize});
            clear_leaves(path.tables[1], from, limit, sink);
            if constexpr (unlinks) {
                if (limit == end || limit == table_end) {
                    unlink_empty(path, 1, from, sink);
                }
            }
            return limit;
        }
        if constexpr (unlinks) {
            unlink_empty(path, level, from, sink);
        }
        from = VirtAddr{align_down(from.value, span_of(level))} + span_of(level);
    }
    return from;
}

template <typename Format, typename Memory>
VirtAddr PageTable<Format, Memory>::seek_some(VirtAddr from, VirtAddr end, bool& found) const {
    found = false;
    for (unsigned step = 0; step < kStep && from < end; ++step) {
        Path path;
        const unsigned level = walk(from, path);
        if (level == 1 && load(path.tables[1], index_of(from, 1)) != 0) {
            found = true;
            return from;
        }
        from = VirtAddr{align_down(from.value, span_of(level))} + span_of(level);
    }
    return std::min(from, end);
}

template <typename Format, typename Memory>
unsigned PageTable<Format, Memory>::walk(VirtAddr address, Path& path) const {
    path.tables[kLevels] = root_;
    for (unsigned level = kLevels; level > 1; --level) {
        const std::uint64_t entry = load(path.tables[level], index_of(address, level));
        if (!Format::is_present(entry) || Format::is_leaf(entry, level)) {
            return level;
        }
        path.tables[level - 1] = Format::address(entry);
    }
    return 1;
}

template <typename Format, typename Memory>
template <typename Sink>
void PageTable<Format, Memory>::clear_leaves(PhysAddr table, VirtAddr from, VirtAddr limit,
                                             Sink& sink) {
    for (; from < limit; from = from + kPageSize) {
        auto entry = entry_at(table, index_of(from, 1));
        if (entry.load(std::memory_order_relaxed) == 0) {
            continue;
        }
        const std::uint64_t old = entry.exchange(0);
        if (old != 0) {
            Live(Memory::live(table)).fetch_sub(1);
            sink.entry_gone(from, old);
        }
    }
}

template <typename Format, typename Memory>
template <typename Source>
InstallResult PageTable<Format, Memory>::grow(VirtAddr address, unsigned bottom, Source& source) {
    PhysAddr table = root_;
    unsigned level = kLevels;
    while (level > bottom) {
        auto entry = entry_at(table, index_of(address, level));
        std::uint64_t value = entry.load(std::memory_order_relaxed);
        if (value == 0) {
            const PhysAddr fresh = source.take_table();
            if (fresh.value == 0) {
                return InstallResult::no_table;
            }
            Memory::live(fresh) = 0;
            if (link(entry, table, fresh)) {
                source.linked(fresh);
            } else {
                source.give_back(fresh);
                table = root_;  // somebody was faster, or froze it: look again
                level = kLevels;
                continue;
            }
            value = Format::table(fresh);
        } else if (!Format::is_present(value) || Format::is_leaf(value, level)) {
            return InstallResult::occupied;
        }
        table = Format::address(value);
        --level;
    }
    return InstallResult::done;
}

template <typename Format, typename Memory>
bool PageTable<Format, Memory>::link(Entry entry, PhysAddr table, PhysAddr fresh) {
    if (!count_entry(table)) {
        return false;
    }
    std::uint64_t nothing = 0;
    if (!entry.compare_exchange_strong(nothing, Format::table(fresh))) {
        Live(Memory::live(table)).fetch_sub(1);
        return false;
    }
    return true;
}

template <typename Format, typename Memory>
template <typename Sink>
void PageTable<Format, Memory>::unlink_empty(const Path& path, unsigned level, VirtAddr address,
                                             Sink& sink) {
    for (; level < kLevels; ++level) {
        std::int16_t empty = 0;
        Live live(Memory::live(path.tables[level]));
        if (!live.compare_exchange_strong(empty, kFrozenTable)) {
            return;
        }
        // Frozen by us, so the parent's entry is still ours, and keeps the parent alive.
        entry_at(path.tables[level + 1], index_of(address, level + 1)).store(0);
        Live(Memory::live(path.tables[level + 1])).fetch_sub(1);
        sink.table_gone(path.tables[level]);
    }
}

}  // namespace fathom::mm
