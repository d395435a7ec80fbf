// The site table by address, and what was seen at each site.
//
// Owns:    SiteIndex: records in the order of their addresses, with hits and the deepest section.
// Context: prepare() and print() preemptible; the rest in a debug trap: no lock, no allocation.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <context/site.hpp>
#include <context/witness.hpp>
#include <lib/units.hpp>

namespace fathom {

class SiteIndex {
public:
    static constexpr std::size_t kMost = 4096;

    /// Sorts the table.
    void prepare();

    /// The site whose sequence holds `pc`, or null. Sequences of length 0 are not found.
    const SiteRecord* holding(VirtAddr pc) const;

    /// A section that began at `site` has ended, `depth` bytes below the stack pointer of its
    /// beginning.
    void count(const SiteRecord& site, std::uint64_t depth);

    /// One line for each site that was hit, for programs to read:
    ///
    ///     # adversary-site: pc=0xffffffff80101234 rule=4 window=512 deepest=184 hits=3
    void print() const;

private:
    struct Seen {
        std::atomic<std::uint32_t> deepest = 0;
        std::atomic<std::uint32_t> hits = 0;
    };

    std::uint16_t order_[kMost] = {};
    Seen seen_[kMost] = {};
    std::size_t count_ = 0;
};

extern SiteIndex site_index;

}  // namespace fathom
