// Multiboot2 and PVH: good information is read whole, and no cut or lie leads past its end.

#include <gtest/gtest.h>

#include <host/lib/blob.hpp>
#include <lib/readers/multiboot2.hpp>
#include <lib/readers/pvh.hpp>

namespace fathom {
namespace {

Blob tag(std::uint32_t type, const Blob& payload) {
    Blob blob;
    blob.u32(type).u32(static_cast<std::uint32_t>(8 + payload.size())).append(payload).align(8);
    return blob;
}

Blob information(const std::vector<Blob>& tags) {
    Blob blob;
    blob.u32(0).u32(0);
    for (const Blob& one : tags) {
        blob.append(one);
    }
    blob.append(tag(0, Blob()));
    return blob.put_u32(0, static_cast<std::uint32_t>(blob.size()));
}

Blob whole_information() {
    const Blob map = Blob()
                         .u32(24)
                         .u32(0)
                         .u64(0)
                         .u64(0x9fc00)
                         .u32(1)
                         .u32(0)
                         .u64(0x100000)
                         .u64(0x7ee0000)
                         .u32(1)
                         .u32(0)
                         .u64(0xfffc0000)
                         .u64(0x40000)
                         .u32(2)
                         .u32(0);
    return information({tag(1, Blob().text("seed=7 x").u8(0)),
                        tag(3, Blob().u32(0x200000).u32(0x210000).text("input.txt").u8(0)),
                        tag(6, map), tag(14, Blob().text("old rsdp")),
                        tag(15, Blob().text("new rsdp!")), tag(77, Blob().u32(1))});
}

TEST(Multiboot2, ReadsWhatTheKernelWants) {
    const Blob whole = whole_information();
    BootInfo boot;
    const auto facts = read_multiboot2(whole.bytes(), boot);
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(boot.command_line(), "seed=7 x");
    ASSERT_EQ(boot.module_count, 1u);
    EXPECT_EQ(boot.modules[0].begin.value, 0x200000u);
    EXPECT_EQ(boot.modules[0].size_bytes, 0x10000u);
    // Three of the map and the module's own.
    ASSERT_EQ(boot.range_count, 4u);
    EXPECT_EQ(boot.ranges[0].kind, MemoryRange::Kind::reserved);
    EXPECT_EQ(boot.ranges[0].begin.value, 0x200000u);
    EXPECT_EQ(boot.ranges[2].begin.value, 0x100000u);
    EXPECT_EQ(boot.ranges[2].kind, MemoryRange::Kind::usable);
    EXPECT_EQ(boot.ranges[3].kind, MemoryRange::Kind::reserved);
    EXPECT_TRUE(ByteView(facts->rsdp).spells(0, "new rsdp!"));
    EXPECT_EQ(boot.complaint_count, 0u);
}

TEST(Multiboot2, EveryCutIsRefused) {
    const Blob whole = whole_information();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BootInfo boot;
        const auto facts = read_multiboot2(whole.first(size), boot);
        EXPECT_FALSE(facts.ok()) << size;
    }
}

TEST(Multiboot2, LiesAreRefused) {
    BootInfo boot;
    EXPECT_EQ(read_multiboot2(information({Blob().u32(9).u32(4)}).bytes(), boot).error(),
              Error::malformed);
    EXPECT_EQ(read_multiboot2(information({Blob().u32(9).u32(0x7fffffff)}).bytes(), boot).error(),
              Error::truncated);
    EXPECT_EQ(read_multiboot2(information({tag(1, Blob().text("no end"))}).bytes(), boot).error(),
              Error::malformed);
    EXPECT_EQ(read_multiboot2(information({tag(3, Blob().u32(9).u32(8))}).bytes(), boot).error(),
              Error::malformed);
    EXPECT_EQ(read_multiboot2(information({tag(6, Blob().u32(0).u32(0))}).bytes(), boot).error(),
              Error::malformed);
}

TEST(Multiboot2, ARangeThatWrapsIsComplainedAbout) {
    BootInfo boot;
    const Blob map = Blob().u32(24).u32(0).u64(~0ull - 10).u64(100).u32(1).u32(0);
    EXPECT_TRUE(read_multiboot2(information({tag(6, map)}).bytes(), boot).ok());
    EXPECT_EQ(boot.range_count, 0u);
    EXPECT_EQ(boot.complaint_count, 1u);
}

// start_info at 0x1000, the map at 0x1100, one module at 0x1200, the command line at 0x1300.
Blob pvh_memory() {
    Blob blob;
    blob.u32(kPvhMagic)
        .u32(1)
        .u32(0)
        .u32(1)
        .u64(0x1200)
        .u64(0x1300)
        .u64(0xe0000)
        .u64(0x1100)
        .u32(2)
        .u32(0);
    blob.pad_to(0x100).u64(0).u64(0x9fc00).u32(1).u32(0).u64(0x100000).u64(0x700000).u32(1).u32(0);
    blob.pad_to(0x200).u64(0x300000).u64(0x1234).u64(0).u64(0);
    return blob.pad_to(0x300).text("test=*").u8(0);
}

TEST(Pvh, ReadsWhatTheKernelWants) {
    const Blob blob = pvh_memory();
    BootInfo boot;
    const auto facts = read_pvh(ArrayMemory{0x1000, blob.bytes()}, {0x1000}, boot);
    ASSERT_TRUE(facts.ok());
    EXPECT_EQ(facts->rsdp.value, 0xe0000u);
    EXPECT_EQ(boot.command_line(), "test=*");
    ASSERT_EQ(boot.module_count, 1u);
    EXPECT_EQ(boot.modules[0].size_bytes, 0x1234u);
    ASSERT_EQ(boot.range_count, 3u);
    EXPECT_EQ(boot.ranges[1].size_bytes, 0x700000u);
    EXPECT_EQ(boot.ranges[1].kind, MemoryRange::Kind::usable);
}

TEST(Pvh, EveryCutIsRefused) {
    const Blob whole = pvh_memory();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BootInfo boot;
        const auto memory = whole.first(size);
        EXPECT_FALSE(read_pvh(ArrayMemory{0x1000, memory}, {0x1000}, boot).ok()) << size;
    }
}

TEST(Pvh, LiesAreRefused) {
    BootInfo boot;
    Blob wrong_magic = pvh_memory();
    wrong_magic.put_u32(0, 1);
    EXPECT_EQ(read_pvh(ArrayMemory{0x1000, wrong_magic.bytes()}, {0x1000}, boot).error(),
              Error::malformed);
    Blob old_version = pvh_memory();
    old_version.put_u32(4, 0);
    EXPECT_EQ(read_pvh(ArrayMemory{0x1000, old_version.bytes()}, {0x1000}, boot).error(),
              Error::unsupported);
    Blob many_ranges = pvh_memory();
    many_ranges.put_u32(48, 0xffff'ffff);
    EXPECT_EQ(read_pvh(ArrayMemory{0x1000, many_ranges.bytes()}, {0x1000}, boot).error(),
              Error::truncated);
}

TEST(Pvh, ALongCommandLineIsCutWithAComplaint) {
    Blob blob = pvh_memory();
    Blob longer = blob;
    longer.pad_to(0x300);
    Blob text;
    text.append(blob).text(std::string(3000, 'x')).u8(0);
    text.put_u32(24, 0x1000 + static_cast<std::uint32_t>(blob.size()));
    BootInfo boot;
    ASSERT_TRUE(read_pvh(ArrayMemory{0x1000, text.bytes()}, {0x1000}, boot).ok());
    EXPECT_EQ(boot.command_line().size(), BootInfo::kMaxCommandLine);
    EXPECT_EQ(boot.complaint_count, 1u);
}

}  // namespace
}  // namespace fathom
