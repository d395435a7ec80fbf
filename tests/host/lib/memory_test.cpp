// memcpy and its kin against the host's, over all small sizes, offsets and overlaps.
//
// The kernel's are compiled here under other names (see CMakeLists.txt).

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <numeric>

extern "C" {
void* fathom_memcpy(void*, const void*, std::size_t);
void* fathom_memmove(void*, const void*, std::size_t);
void* fathom_memset(void*, int, std::size_t);
int fathom_memcmp(const void*, const void*, std::size_t);
std::size_t fathom_strlen(const char*);
}

namespace {

using Buffer = std::array<unsigned char, 160>;

Buffer counting() {
    Buffer buffer;
    std::iota(buffer.begin(), buffer.end(), 1);
    return buffer;
}

TEST(Memory, CopiesEverySizeAtEveryOffset) {
    for (std::size_t size = 0; size <= 100; ++size) {
        for (std::size_t to = 0; to < 10; ++to) {
            for (std::size_t from = 0; from < 10; ++from) {
                const Buffer source = counting();
                Buffer mine{}, theirs{};
                EXPECT_EQ(fathom_memcpy(&mine[to], &source[from], size), &mine[to]);
                std::memcpy(&theirs[to], &source[from], size);
                ASSERT_EQ(mine, theirs) << size << " " << to << " " << from;
            }
        }
    }
}

TEST(Memory, MovesOverlappingBytesBothWays) {
    for (std::size_t size = 0; size <= 80; ++size) {
        for (std::size_t to = 0; to < 40; to += 3) {
            for (std::size_t from = 0; from < 40; from += 2) {
                Buffer mine = counting(), theirs = counting();
                EXPECT_EQ(fathom_memmove(&mine[to], &mine[from], size), &mine[to]);
                std::memmove(&theirs[to], &theirs[from], size);
                ASSERT_EQ(mine, theirs) << size << " " << to << " " << from;
            }
        }
    }
}

TEST(Memory, SetsEverySizeAtEveryOffset) {
    for (std::size_t size = 0; size <= 100; ++size) {
        for (std::size_t to = 0; to < 10; ++to) {
            Buffer mine = counting(), theirs = counting();
            EXPECT_EQ(fathom_memset(&mine[to], 0x1a5, size), &mine[to]);
            std::memset(&theirs[to], 0x1a5, size);
            ASSERT_EQ(mine, theirs);
        }
    }
}

TEST(Memory, ComparesAsUnsignedBytes) {
    for (std::size_t size = 0; size <= 40; ++size) {
        Buffer left = counting();
        EXPECT_EQ(fathom_memcmp(left.data(), counting().data(), size), 0);
        for (std::size_t i = 0; i < size; ++i) {
            Buffer right = left;
            right[i] = 0xff;
            EXPECT_LT(fathom_memcmp(left.data(), right.data(), size), 0);
            EXPECT_GT(fathom_memcmp(right.data(), left.data(), size), 0);
            EXPECT_EQ(fathom_memcmp(left.data(), right.data(), i), 0);
        }
    }
    EXPECT_EQ(fathom_strlen("sounding"), 8u);
}

}  // namespace
