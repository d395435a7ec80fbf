// The memory map, sorted out: hostile maps against a model that marks single pages.
//
// What would break without it: a page that firmware uses is handed out, or one page twice.

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <mm/physical_memory.hpp>

namespace fathom::mm {
namespace {

using Kind = MemoryRange::Kind;

std::vector<MemoryPiece> all_of(const MemoryPieces& pieces) {
    std::vector<MemoryPiece> result;
    for (MemoryPiece piece = pieces.after({0}); piece.bytes() != 0;
         piece = pieces.after(piece.end)) {
        result.push_back(piece);
    }
    return result;
}

TEST(MemoryPieces, ReservedWinsAndPartialPagesAreLeftOut) {
    const MemoryRange ranges[] = {
        {{0x10'0800}, 0x8000, Kind::usable},
        {{0x10'3001}, 1, Kind::reserved},
        {{0}, 0x9fc00, Kind::usable},
    };
    const MemoryPiece image[] = {{{0x10'5000}, {0x10'6000}}};
    const std::vector<MemoryPiece> pieces = all_of({ranges, image});
    ASSERT_EQ(pieces.size(), 4u);
    EXPECT_EQ(pieces[0].begin.value, 0x1000u) << "page 0 is nobody's";
    EXPECT_EQ(pieces[0].end.value, 0x9f000u);
    EXPECT_EQ(pieces[1].begin.value, 0x10'1000u);
    EXPECT_EQ(pieces[1].end.value, 0x10'3000u);
    EXPECT_EQ(pieces[2].begin.value, 0x10'4000u);
    EXPECT_EQ(pieces[2].end.value, 0x10'5000u);
    EXPECT_EQ(pieces[3].begin.value, 0x10'6000u);
    EXPECT_EQ(pieces[3].end.value, 0x10'8000u);
}

TEST(MemoryPieces, WrappingAndEndlessRangesEnd) {
    const MemoryRange ranges[] = {
        {{~std::uint64_t{0} - 100}, 4096, Kind::usable},
        {{kHighestUsable - MiB(1)}, ~std::uint64_t{0}, Kind::usable},
        {{~std::uint64_t{0}}, ~std::uint64_t{0}, Kind::reserved},
    };
    const std::vector<MemoryPiece> pieces = all_of({ranges, {}});
    ASSERT_EQ(pieces.size(), 1u);
    EXPECT_EQ(pieces[0].bytes(), MiB(1));
    EXPECT_TRUE(all_of({{}, {}}).empty());
}

TEST(MemoryPieces, RandomMapsAgreeWithAModelOfPages) {
    constexpr std::uint64_t kPages = 200;
    std::mt19937 random(3);
    for (int round = 0; round < 2000; ++round) {
        std::vector<MemoryRange> ranges(random() % 12);
        std::vector<bool> usable(kPages, false);
        std::vector<bool> reserved(kPages, false);
        for (MemoryRange& range : ranges) {
            range.begin = {random() % (kPages * kPageSize)};
            range.size_bytes = random() % (kPages * kPageSize - range.begin.value);
            range.kind = random() % 2 == 0 ? Kind::usable : Kind::reserved;
            const std::uint64_t end = range.begin.value + range.size_bytes;
            for (std::uint64_t page = 1; page < kPages; ++page) {
                const std::uint64_t from = page * kPageSize;
                if (range.kind == Kind::usable) {
                    usable[page] =
                        usable[page] || (range.begin.value <= from && from + kPageSize <= end);
                } else {
                    reserved[page] = reserved[page] || (range.size_bytes != 0 && from < end &&
                                                        range.begin.value < from + kPageSize);
                }
            }
        }
        std::vector<bool> found(kPages, false);
        for (const MemoryPiece& piece : all_of({ranges, {}})) {
            for (std::uint64_t at = piece.begin.value; at < piece.end.value; at += kPageSize) {
                ASSERT_FALSE(found[at / kPageSize]);
                found[at / kPageSize] = true;
            }
        }
        for (std::uint64_t page = 1; page < kPages; ++page) {
            ASSERT_EQ(found[page], usable[page] && !reserved[page]) << "page " << page;
        }
    }
}

}  // namespace
}  // namespace fathom::mm
