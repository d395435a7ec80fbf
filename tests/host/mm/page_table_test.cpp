// The page table template with both architectures' formats, on simulated memory.
//
// What would break without it: an entry in the wrong place, a table that is freed while it still
// maps something, or one that is lost when the last page of its region goes.

#include <map>

#include <simulated_memory.hpp>

namespace fathom::mm {
namespace {

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
    EXPECT_EQ(TypeParam::address(table), frame);
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

// A stack that lives on keeps its tables: a fault may be about to use one.
TYPED_TEST(PageTableTest, PagesCanBeClearedWithoutTheirTables) {
    const VirtAddr begin{kBase + MiB(1)};
    const VirtAddr end{kBase + MiB(5)};
    for (VirtAddr page = begin; page < end + kPageSize; page = page + kPageSize) {
        ASSERT_EQ(this->table.install(page, this->leaf(3), this->source), InstallResult::done);
    }
    Sink sink;
    for (VirtAddr at = begin; at < end;) {
        at = this->table.template clear_some<EmptyTables::stay>(at, end, sink);
    }
    EXPECT_EQ(sink.entries.size(), (end - begin) / kPageSize);
    EXPECT_TRUE(sink.tables.empty());
    EXPECT_EQ(this->table.lookup(end - kPageSize).entry, 0u);
    EXPECT_EQ(this->table.lookup(end).entry, this->leaf(3));
    const EntryPlace place = this->table.find(begin);
    ASSERT_NE(place.entry, nullptr);
    EXPECT_EQ(HostMemory::live(place.table), 0);
    this->clear({kBase}, {kBase + MiB(8)}, sink);
    EXPECT_EQ(sink.tables.size(), 5u);  // three of level 1, one of level 2 and of level 3
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

}  // namespace
}  // namespace fathom::mm
