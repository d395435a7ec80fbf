// The page table template with both architectures' formats, on simulated memory.
//
// What would break without it: an entry in the wrong place, a table that is freed while it still
// maps something, or one that is lost when the last page of its region goes.

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <arch/aarch64/native/page_table_format.hpp>
#include <arch/x86_64/native/page_table_format.hpp>
#include <mm/page_table.hpp>

namespace fathom::mm {
namespace {

using arch::Protection;

/// Frames of a simulated machine; number 0 is none, 1 the first.
struct HostMemory {
    struct Page {
        std::uint64_t entries[512] = {};
        std::int16_t live = 0;
    };
    static constexpr std::size_t kPages = 4096;
    static inline std::vector<std::unique_ptr<Page>> pages;
    static inline std::mutex lock;
    static inline std::vector<std::uint64_t> unused;

    static void reset() {
        pages.clear();
        unused.clear();
        for (std::size_t number = 0; number < kPages; ++number) {
            pages.push_back(std::make_unique<Page>());
            if (number != 0) {
                unused.push_back(number);
            }
        }
    }
    static std::uint64_t* entries(PhysAddr table) {
        return pages.at(table.frame_number())->entries;
    }
    static std::int16_t& live(PhysAddr table) { return pages.at(table.frame_number())->live; }
    static void publish() {}
};

/// Takes frames from HostMemory, at most `limit` of them.
struct Source {
    std::size_t limit = ~std::size_t{0};
    std::size_t in_tree = 0;

    PhysAddr take_table() {
        std::lock_guard held(HostMemory::lock);
        if (limit == 0 || HostMemory::unused.empty()) {
            return {0};
        }
        --limit;
        const std::uint64_t number = HostMemory::unused.back();
        HostMemory::unused.pop_back();
        *HostMemory::pages[number] = {};
        return PhysAddr::of_frame(number);
    }
    void give_back(PhysAddr frame) {
        std::lock_guard held(HostMemory::lock);
        ++limit;
        HostMemory::unused.push_back(frame.frame_number());
    }
    void linked(PhysAddr) { ++in_tree; }
};

struct Sink {
    std::map<std::uint64_t, std::uint64_t> entries;
    std::vector<PhysAddr> tables;
    void entry_gone(VirtAddr at, std::uint64_t entry) { entries[at.value] = entry; }
    void table_gone(PhysAddr table) { tables.push_back(table); }
};

constexpr std::uint64_t kBase = 0xffff'a000'0000'0000;

template <typename Format>
struct PageTableTest : testing::Test {
    using Table = PageTable<Format, HostMemory>;
    PageTableTest() {
        HostMemory::reset();
        table = Table(source.take_table());
    }
    static std::uint64_t leaf(std::uint64_t frame) {
        return Format::leaf(PhysAddr::of_frame(frame), Protection::read_write, 1);
    }
    /// Clears [from, end) as the kernel does, step by step.
    void clear(VirtAddr from, VirtAddr end, Sink& sink) {
        while (from < end) {
            const VirtAddr next = table.clear_some(from, end, sink);
            ASSERT_GT(next, from);
            from = next;
        }
    }
    Source source;
    Table table;
};
using Formats = testing::Types<arch::X86PageTableFormat, arch::Aarch64PageTableFormat>;
TYPED_TEST_SUITE(PageTableTest, Formats);

TYPED_TEST(PageTableTest, EntriesSayWhatTheyWereMadeOf) {
    const PhysAddr frame{0x0000'1234'5678'9000 & 0x0000'ffff'ffff'f000};
    for (Protection protection : {Protection::read_only, Protection::read_write,
                                  Protection::read_execute, Protection::device}) {
        const std::uint64_t entry = TypeParam::leaf(frame, protection, 1);
        EXPECT_TRUE(TypeParam::is_present(entry));
        EXPECT_TRUE(TypeParam::is_leaf(entry, 1));
        EXPECT_FALSE(TypeParam::is_lazy(entry));
        EXPECT_EQ(TypeParam::address(entry), frame);
        EXPECT_EQ(TypeParam::protection(entry), protection);
        EXPECT_TRUE(TypeParam::is_leaf(TypeParam::leaf({0x40'0000}, protection, 2), 2));
        if (protection != Protection::device) {
            const std::uint64_t lazy = TypeParam::lazy(protection);
            EXPECT_NE(lazy, 0u);
            EXPECT_FALSE(TypeParam::is_present(lazy));
            EXPECT_TRUE(TypeParam::is_lazy(lazy));
            EXPECT_EQ(TypeParam::protection(lazy), protection);
        }
    }
    const std::uint64_t table = TypeParam::table(frame);
    EXPECT_TRUE(TypeParam::is_present(table));
    EXPECT_FALSE(TypeParam::is_leaf(table, 2));
    EXPECT_EQ(TypeParam::table_address(table), frame);
}

TYPED_TEST(PageTableTest, InstallMakesThreeTablesAndTheSecondInstallLoses) {
    const VirtAddr page{kBase + 0x1234'5000};
    EXPECT_EQ(this->table.install(page, this->leaf(9), this->source), InstallResult::done);
    EXPECT_EQ(this->source.in_tree, 3u);
    EXPECT_EQ(this->table.install(page, this->leaf(8), this->source), InstallResult::occupied);
    EXPECT_EQ(this->table.lookup(page).entry, this->leaf(9));
    EXPECT_EQ(this->table.lookup(page).level, 1u);
    EXPECT_EQ(this->table.lookup(page + kPageSize).entry, 0u);
    const EntryPlace place = this->table.find(page);
    EXPECT_EQ(HostMemory::live(place.table), 1) << "the loser must take its count back";
}

TYPED_TEST(PageTableTest, InstallInAKnownTableEqualsInstall) {
    const VirtAddr page{kBase + 0x20'0000};
    ASSERT_EQ(this->table.install(page, this->leaf(5), this->source), InstallResult::done);
    const PhysAddr known = this->table.find(page).table;
    EXPECT_TRUE(this->table.install_in(known, page + 7 * kPageSize, this->leaf(6)));
    EXPECT_EQ(this->table.lookup(page + 7 * kPageSize).entry, this->leaf(6));
    EXPECT_FALSE(this->table.install_in(known, page, this->leaf(7)));
    EXPECT_EQ(HostMemory::live(known), 2);
}

TYPED_TEST(PageTableTest, AFrozenTableTakesNothing) {
    const VirtAddr page{kBase + 0x20'0000};
    ASSERT_EQ(this->table.install(page, this->leaf(5), this->source), InstallResult::done);
    const PhysAddr old = this->table.find(page).table;
    Sink sink;
    this->clear(page, page + kPageSize, sink);
    ASSERT_EQ(sink.tables.size(), 3u);
    EXPECT_FALSE(this->table.install_in(old, page, this->leaf(6)));
    EXPECT_EQ(HostMemory::live(old), kFrozenTable);
    EXPECT_EQ(this->table.install(page, this->leaf(6), this->source), InstallResult::done);
    EXPECT_NE(this->table.find(page).table, old);
}

TYPED_TEST(PageTableTest, WithoutFramesInstallFailsAndChangesNothingThatMatters) {
    for (std::size_t frames = 0; frames < 3; ++frames) {
        Source poor{.limit = frames};
        EXPECT_EQ(this->table.install({kBase}, this->leaf(5), poor), InstallResult::no_table);
        EXPECT_EQ(this->table.lookup({kBase}).entry, 0u);
        Sink sink;  // what was built is found empty, and goes
        this->clear({kBase}, {kBase + kPageSize}, sink);
        EXPECT_EQ(sink.tables.size(), frames);
        EXPECT_EQ(HostMemory::live(this->table.root()), 0);
    }
}

TYPED_TEST(PageTableTest, ClearingARangeFreesTheTablesThatBecomeEmptyAndNoOthers) {
    const VirtAddr neighbour{kBase + MiB(2) - kPageSize};
    ASSERT_EQ(this->table.install(neighbour, this->leaf(3), this->source), InstallResult::done);
    std::map<std::uint64_t, std::uint64_t> mapped;
    for (std::uint64_t page = 0; page < MiB(8); page += 37 * kPageSize) {
        const VirtAddr at{kBase + MiB(2) + page};
        mapped[at.value] = this->leaf(100 + page / kPageSize);
        ASSERT_EQ(this->table.install(at, mapped[at.value], this->source), InstallResult::done);
    }
    EXPECT_EQ(this->source.in_tree, 3u + 4u);
    Sink sink;
    this->clear({kBase + MiB(2)}, {kBase + MiB(10)}, sink);
    EXPECT_EQ(sink.entries, mapped);
    EXPECT_EQ(sink.tables.size(), 4u);
    EXPECT_EQ(this->table.lookup(neighbour).entry, this->leaf(3));
    this->clear({kBase}, {kBase + MiB(2)}, sink);
    EXPECT_EQ(sink.tables.size(), 7u);
    EXPECT_EQ(HostMemory::live(this->table.root()), 0);
}

TYPED_TEST(PageTableTest, AWholeGibibyteWithOnePageIsClearedInFewSteps) {
    ASSERT_EQ(this->table.install({kBase + GiB(1) - kPageSize}, this->leaf(3), this->source),
              InstallResult::done);
    Sink sink;
    int steps = 0;
    for (VirtAddr at{kBase}; at < VirtAddr{kBase + GiB(1)}; ++steps) {
        at = this->table.clear_some(at, {kBase + GiB(1)}, sink);
    }
    EXPECT_LT(steps, 20);
    EXPECT_EQ(sink.tables.size(), 3u);
}

TYPED_TEST(PageTableTest, SeekFindsTheLowestEntry) {
    const VirtAddr end{kBase + GiB(1)};
    ASSERT_EQ(this->table.install({kBase + MiB(900) + 3 * kPageSize}, this->leaf(3), this->source),
              InstallResult::done);
    ASSERT_EQ(this->table.install(end - kPageSize, this->leaf(4), this->source),
              InstallResult::done);
    VirtAddr at{kBase};
    bool found = false;
    while (!found && at < end) {
        at = this->table.seek_some(at, end, found);
    }
    EXPECT_TRUE(found);
    EXPECT_EQ(at.value, kBase + MiB(900) + 3 * kPageSize);
}

TYPED_TEST(PageTableTest, LargePagesAreFoundAndNotInstalledOver) {
    const VirtAddr at{0xffff'8000'0020'0000};
    const std::uint64_t entry = TypeParam::leaf({MiB(2)}, Protection::read_write, 2);
    ASSERT_EQ(this->table.install_large(at, 2, entry, this->source), InstallResult::done);
    EXPECT_EQ(this->table.lookup(at + 0x5123).entry, entry);
    EXPECT_EQ(this->table.lookup(at + 0x5123).level, 2u);
    EXPECT_EQ(this->table.install(at + kPageSize, this->leaf(3), this->source),
              InstallResult::occupied);
    EXPECT_EQ(this->table.install_large(at, 2, entry, this->source), InstallResult::occupied);
}

TYPED_TEST(PageTableTest, ReplaceAndRemoveInsistOnWhatTheyExpect) {
    const VirtAddr page{kBase};
    const std::uint64_t lazy = TypeParam::lazy(Protection::read_write);
    ASSERT_EQ(this->table.install(page, lazy, this->source), InstallResult::done);
    EXPECT_FALSE(this->table.replace(page, this->leaf(3), this->leaf(4)));
    EXPECT_TRUE(this->table.replace(page, lazy, this->leaf(4)));
    EXPECT_FALSE(this->table.remove(page, lazy));
    EXPECT_TRUE(this->table.remove(page, this->leaf(4)));
    EXPECT_EQ(this->table.lookup(page).entry, 0u);
    EXPECT_EQ(HostMemory::live(this->table.find(page).table), 0);
}

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
