// The heap: every size, alignments, resizing, frees on another CPU, and an honest null.
//
// What would break without it: a class whose blocks overlap, a resize that loses bytes, blocks
// freed elsewhere that nobody can use again, an allocator that hangs or panics where memory is out.

#include <runner/test.hpp>

#include <build_options.hpp>
#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <mm/c_heap.hpp>
#include <mm/heap.hpp>

namespace fathom {
namespace {

void fill(void* block, std::size_t size, unsigned value) {
    auto* const bytes = static_cast<volatile unsigned char*>(block);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<unsigned char>(value + i);
    }
}
bool holds(const void* block, std::size_t size, unsigned value) {
    const auto* const bytes = static_cast<const volatile unsigned char*>(block);
    for (std::size_t i = 0; i < size; ++i) {
        if (bytes[i] != static_cast<unsigned char>(value + i)) {
            return false;
        }
    }
    return true;
}

bool is_multiple_of(const void* block, std::size_t alignment) {
    return is_aligned(VirtAddr::of(block).value, alignment);
}

constexpr std::size_t kSizes[] = {0,   1,   15,   16,   17,   63,   64,   100,  500,  512,
                                  513, 900, 1024, 1500, 2000, 2048, 2049, 4096, 5000, 70'000};

}  // namespace

KERNEL_TEST("mm: heap blocks of every size are large enough, aligned and apart") {
    void* blocks[std::size(kSizes)][3];
    for (std::size_t i = 0; i < std::size(kSizes); ++i) {
        for (void*& block : blocks[i]) {
            block = mm::heap_allocate(kSizes[i], here);
            ASSERT_TRUE(test, block != nullptr);
            EXPECT(test, is_multiple_of(block, 16));
            EXPECT_GE(test, mm::heap_usable_size(block), kSizes[i]);
            fill(block, mm::heap_usable_size(block), static_cast<unsigned>(i));
        }
    }
    for (std::size_t i = 0; i < std::size(kSizes); ++i) {
        for (void* block : blocks[i]) {
            EXPECT(test, holds(block, mm::heap_usable_size(block), static_cast<unsigned>(i)));
            mm::heap_free(block, here);
        }
    }
    mm::heap_free(nullptr, here);
}

KERNEL_TEST("mm: heap blocks come at any alignment up to a page, and at no other") {
    for (std::size_t alignment = 16; alignment <= 4096; alignment *= 2) {
        for (const std::size_t size : {1u, 40u, 700u, 3000u, 9000u}) {
            void* const first = mm::heap_allocate_aligned(size, alignment, here);
            void* const second = mm::heap_allocate_aligned(size, alignment, here);
            ASSERT_TRUE(test, first != nullptr && second != nullptr);
            EXPECT(test, is_multiple_of(first, alignment));
            EXPECT(test, is_multiple_of(second, alignment));
            fill(first, size, 1);
            fill(second, size, 2);
            EXPECT(test, holds(first, size, 1));
            mm::heap_free(first, here);
            EXPECT(test, holds(second, size, 2));
            mm::heap_free(second, here);
        }
    }
    EXPECT(test, mm::heap_allocate_aligned(64, 8192, here) == nullptr);
    EXPECT(test, mm::heap_allocate_aligned(64, 48, here) == nullptr);
}

KERNEL_TEST("mm: a resized heap block keeps its bytes") {
    void* block = mm::heap_resize(nullptr, 10, here);
    ASSERT_TRUE(test, block != nullptr);
    fill(block, 10, 9);
    for (const std::size_t size : {11u, 40u, 300u, 2040u, 2060u, 20'000u, 3000u, 100u, 10u}) {
        block = mm::heap_resize(block, size, here);
        ASSERT_TRUE(test, block != nullptr);
        EXPECT_GE(test, mm::heap_usable_size(block), size);
        EXPECT(test, holds(block, 10, 9));
    }
    mm::heap_free(block, here);
}

KERNEL_TEST("mm: all of a block's usable bytes may be used, by C's name too") {
    EXPECT_EQ(test, malloc_usable_size(nullptr), 0u);
    for (const std::size_t size : {1u, 100u, 2048u, 5000u, 70'000u}) {
        void* const block = malloc(size);
        ASSERT_TRUE(test, block != nullptr);
        const std::size_t usable = malloc_usable_size(block);
        EXPECT_GE(test, usable, size);
        fill(block, usable, 3);
        EXPECT(test, holds(block, usable, 3));
        free(block);
    }
}

KERNEL_TEST("mm: calloc zeroes, and refuses a product that overflows") {
    void* const dirty = malloc(600);
    ASSERT_TRUE(test, dirty != nullptr);
    fill(dirty, 600, 1);
    free(dirty);
    auto* const zeroed = static_cast<volatile unsigned char*>(calloc(6, 100));
    ASSERT_TRUE(test, zeroed != nullptr);
    unsigned bits = 0;
    for (unsigned i = 0; i < 600; ++i) {
        bits |= zeroed[i];
    }
    EXPECT_EQ(test, bits, 0u);
    free(const_cast<unsigned char*>(zeroed));
    volatile std::size_t huge = ~std::size_t{0} / 4;
    EXPECT(test, calloc(huge, 8) == nullptr);
    EXPECT(test, malloc(huge) == nullptr);
}

KERNEL_TEST("mm: atomic callers can use the heap") {
    void* small = nullptr;
    void* large = nullptr;
    {
        PreemptOff atomic{here, window<2048>};
        small = mm::heap_allocate(80, static_cast<Atomic>(atomic));
        large = mm::heap_allocate(6000, static_cast<Atomic>(atomic));
    }
    ASSERT_TRUE(test, small != nullptr && large != nullptr);
    fill(small, 80, 3);
    fill(large, 6000, 4);
    EXPECT(test, holds(small, 80, 3));
    PreemptOff atomic{here, window<2048>};
    mm::heap_free(small, static_cast<Atomic>(atomic));
    mm::heap_free(large, static_cast<Atomic>(atomic));
}

KERNEL_TEST("mm: blocks that another CPU frees are used again and come back") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    constexpr unsigned kBlocks = 200;
    static void* blocks[kBlocks];
    const std::size_t before = available_frames(here);
    for (unsigned turn = 0; turn < 20; ++turn) {
        EXPECT_OK(test, set_affinity(current_thread().id(), CpuMask{1} << (turn % 2), here));
        for (unsigned i = 0; i < kBlocks; ++i) {
            blocks[i] = mm::heap_allocate(16 + i * 8, here);
            ASSERT_TRUE(test, blocks[i] != nullptr);
            fill(blocks[i], 16 + i * 8, i);
        }
        EXPECT_OK(test, set_affinity(current_thread().id(), CpuMask{1} << (1 - turn % 2), here));
        for (unsigned i = 0; i < kBlocks; ++i) {
            EXPECT(test, holds(blocks[i], 16 + i * 8, i));
            mm::heap_free(blocks[i], here);
        }
    }
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

KERNEL_TEST("mm: threads on all CPUs share the heap, and each keeps its blocks") {
    const std::size_t before = available_frames(here);
    {
        Crew crew(test, here, [&test](Preemptible inner, unsigned number) {
            void* kept[16] = {};
            std::size_t sizes[16] = {};
            std::uint64_t random = number * 2 + 1;
            for (unsigned turn = 0; turn < 2000; ++turn) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                const unsigned slot = random >> 60;
                if (kept[slot] != nullptr) {
                    EXPECT(test, holds(kept[slot], sizes[slot], number + slot));
                    mm::heap_free(kept[slot], inner);
                }
                sizes[slot] = random >> 33 & 0x7ff;
                kept[slot] = mm::heap_allocate(sizes[slot], inner);
                ASSERT_TRUE(test, kept[slot] != nullptr);
                fill(kept[slot], sizes[slot], number + slot);
            }
            for (void* block : kept) {
                mm::heap_free(block, inner);
            }
        });
        crew.start(2 * online_cpu_count(), {.name = "allocator"});
    }
    EXPECT_LE(test, before - frames_return_to(before, here), 2u);  // the thread table may grow
}

KERNEL_TEST("mm: the heap says null when memory is out, and gives all back") {
    const std::size_t before = available_frames(here);
    void* last = nullptr;
    unsigned blocks = 0;
    for (void* next = mm::heap_allocate(2000, here); next != nullptr;
         next = mm::heap_allocate(2000, here)) {
        *static_cast<void**>(next) = last;
        last = next;
        ++blocks;
    }
    EXPECT_GT(test, blocks, 1000u);
    EXPECT(test, mm::heap_allocate(100'000, here) == nullptr);
    while (last != nullptr) {
        void* const next = *static_cast<void**>(last);
        mm::heap_free(last, here);
        last = next;
    }
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

}  // namespace fathom
