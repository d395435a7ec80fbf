// Reading the trace rings while they are being written.
//
// Owns:    for_each(), count(), last().
// Context: any; a reader may be overtaken by writers and then skips what was overwritten.
// Story:   written by trace/event.hpp; used by tests, the reports and the panic.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <trace/event.hpp>

namespace fathom::trace {

/// A copy of the entry at `index` of `cpu`'s ring (an index as Ring::claimed counts). False where
/// it is empty, being written, or overwritten meanwhile (for a stack fault see detail::record()).
/// Context: any.
bool read_entry(unsigned cpu, std::uint64_t index, Entry& out);

/// The oldest index of `cpu`'s ring that may still be there.
/// Context: any.
std::uint64_t oldest_index(unsigned cpu);

/// Calls `visit(entry)` for every entry that is still there, CPU by CPU, oldest first.
/// Context: any that `visit` allows.
template <typename Visitor>
void for_each(Visitor&& visit) {
    for (unsigned cpu = 0; cpu < kMaxCpus; ++cpu) {
        const std::uint64_t end = fathom_trace_rings[cpu].claimed.load(std::memory_order_acquire);
        for (std::uint64_t index = oldest_index(cpu); index < end; ++index) {
            Entry entry;
            if (read_entry(cpu, index, entry)) {
                visit(entry);
            }
        }
    }
}

/// How many events of this type the rings still hold for the thread.
/// Context: any.
template <typename Event>
std::size_t count(std::uint64_t thread_id) {
    std::size_t found = 0;
    const std::uint64_t thread = thread_id & ((1ull << 48) - 1);
    for_each([&](const Entry& entry) {
        found += entry.id() == Event::kId && entry.thread() == thread ? 1 : 0;
    });
    return found;
}

/// The latest entries of all CPUs, newest first. Returns how many were written to `out`.
/// Context: any.
std::size_t last(std::span<Entry> out);

}  // namespace fathom::trace
