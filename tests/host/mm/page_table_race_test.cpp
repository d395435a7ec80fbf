// The page table under several threads at once.
//
// What would break without it: a count that misses an entry, so that a table is freed in use, or
// never.

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include <simulated_memory.hpp>

namespace fathom::mm {
namespace {

/// Four threads install and clear in the same few tables. No table is used again before all have
/// ended, as the kernel's shootdown sees to; when none is left, installs fail and clears go on.
TYPED_TEST(PageTableTest, ConcurrentInstallsAndClearsKeepTheCounts) {
    constexpr std::uint64_t kSpan = MiB(4);
    std::vector<std::thread> threads;
    std::atomic<std::int64_t> pages = 0;
    for (unsigned seed = 0; seed < 4; ++seed) {
        threads.emplace_back([&, seed] {
            std::mt19937 random(seed);
            Source mine;
            for (int step = 0; step < 4000; ++step) {
                const VirtAddr at{kBase + random() % (kSpan / kPageSize) * kPageSize};
                if (random() % 3 != 0) {
                    pages +=
                        this->table.install(at, this->leaf(1 + seed), mine) == InstallResult::done;
                } else {
                    Sink sink;
                    VirtAddr from = at;
                    const VirtAddr end = at + (1 + random() % 900) * kPageSize;
                    while (from < end) {
                        from = this->table.clear_some(from, end, sink);
                    }
                    pages -= static_cast<std::int64_t>(sink.entries.size());
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    Sink rest;
    this->clear({kBase}, {kBase + 2 * kSpan}, rest);
    EXPECT_EQ(pages, static_cast<std::int64_t>(rest.entries.size()));
    EXPECT_EQ(HostMemory::live(this->table.root()), 0) << "every table must have become empty";
}

}  // namespace
}  // namespace fathom::mm
