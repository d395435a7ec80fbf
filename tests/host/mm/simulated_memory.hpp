// Page tables on the host: frames of a simulated machine, and the fixture of the tests.
//
// Owns:    HostMemory, Source, Sink, PageTableTest.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include <arch/aarch64/native/page_table_format.hpp>
#include <arch/x86_64/native/page_table_format.hpp>
#include <mm/page_table.hpp>

namespace fathom::mm {

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

}  // namespace fathom::mm
