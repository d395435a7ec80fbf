// The site table, sorted: the linker leaves it in the order of the objects.
//
// Context: see site_index.hpp.

#include <adversaries/site_index.hpp>

#include <algorithm>

#include <context/log.hpp>
#include <lib/assert.hpp>

namespace fathom {

constinit SiteIndex site_index;

void SiteIndex::prepare() {
    const auto sites = all_sites();
    ASSERT(sites.size() <= kMost, "{} sites, and room for {}", sites.size(), kMost);
    count_ = sites.size();
    for (std::size_t i = 0; i < count_; ++i) {
        order_[i] = static_cast<std::uint16_t>(i);
    }
    std::sort(order_, order_ + count_,
              [&](auto one, auto other) { return sites[one].pc() < sites[other].pc(); });
}

const SiteRecord* SiteIndex::holding(VirtAddr pc) const {
    const auto sites = all_sites();
    const std::uint16_t* after =
        std::upper_bound(order_, order_ + count_, pc,
                         [&](VirtAddr at, auto index) { return at < sites[index].pc(); });
    // Records without a length (API boundaries) may share an address with a site that has one.
    while (after != order_) {
        const SiteRecord& site = sites[*--after];
        if (pc < site.pc() + site.length) {
            return &site;
        }
        if (site.length != 0) {
            return nullptr;
        }
    }
    return nullptr;
}

void SiteIndex::count(const SiteRecord& site, std::uint64_t depth) {
    Seen& seen = seen_[&site - all_sites().data()];
    seen.hits.fetch_add(1, std::memory_order_relaxed);
    std::uint32_t deepest = seen.deepest.load(std::memory_order_relaxed);
    while (deepest < depth && !seen.deepest.compare_exchange_weak(
                                  deepest, static_cast<std::uint32_t>(depth))) {
    }
}

void SiteIndex::print() const {
    const auto sites = all_sites();
    for (std::size_t i = 0; i < count_; ++i) {
        const SiteRecord& site = sites[order_[i]];
        const Seen& seen = seen_[order_[i]];
        const std::uint32_t hits = seen.hits.load(std::memory_order_relaxed);
        if (hits != 0) {
            log("# adversary-site: pc=0x{:016x} rule={} window={} deepest={} hits={}",
                site.pc().value, static_cast<unsigned>(site.rule()), site.window,
                seen.deepest.load(std::memory_order_relaxed), hits);
        }
    }
}

}  // namespace fathom
