// ACPI: from the RSDP to the CPUs, with every checksum and length lied about.

#include <gtest/gtest.h>

#include <host/lib/blob.hpp>
#include <lib/readers/acpi.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kBase = 0xe0000;
constexpr std::size_t kRootOffset = 0x40;
constexpr std::size_t kOtherOffset = 0x100;
constexpr std::size_t kMadtOffset = 0x200;

Blob table(std::string_view signature, const Blob& body) {
    Blob blob;
    blob.text(signature).u32(static_cast<std::uint32_t>(36 + body.size())).u8(1).u8(0);
    blob.pad_to(36).append(body);
    return blob.fix_checksum(9, blob.size());
}

Blob madt() {
    Blob body;
    body.u32(0xfee00000).u32(1);
    body.u8(0).u8(8).u8(0).u8(0).u32(1);                   // CPU 0, enabled
    body.u8(0).u8(8).u8(1).u8(1).u32(0);                   // CPU 1, not enabled
    body.u8(0).u8(8).u8(2).u8(2).u32(1);                   // CPU 2, enabled
    body.u8(9).u8(16).u16(0).u32(5).u32(1).u32(5);         // x2APIC 5, enabled
    body.u8(9).u8(16).u16(0).u32(2).u32(1).u32(2);         // CPU 2 once more
    body.u8(9).u8(16).u16(0).u32(300).u32(1).u32(300);     // needs x2APIC
    body.u8(1).u8(12).u8(7).u8(0).u32(0xfec00000).u32(0);  // I/O APIC
    body.u8(2).u8(10).u8(0).u8(0).u32(2).u16(0);           // the PIT's interrupt
    body.u8(2).u8(10).u8(0).u8(9).u32(9).u16(0xd);         // SCI: level, active high
    return table("APIC", body);
}

/// RSDP at kBase, then the root, another table and the MADT.
Blob machine(bool revision_2) {
    Blob rsdp;
    rsdp.text("RSD PTR ").u8(0).text("FATHOM").u8(revision_2 ? 2 : 0).u32(kBase + kRootOffset);
    rsdp.u32(36).u64(revision_2 ? kBase + kRootOffset : 0).u8(0).pad_to(36);
    rsdp.fix_checksum(8, 20);
    if (revision_2) {
        rsdp.fix_checksum(32, 36);
    }
    Blob entries;
    for (const std::size_t offset : {kOtherOffset, kMadtOffset}) {
        revision_2 ? entries.u64(kBase + offset)
                   : entries.u32(static_cast<std::uint32_t>(kBase + offset));
    }
    Blob blob = rsdp;
    blob.pad_to(kRootOffset).append(table(revision_2 ? "XSDT" : "RSDT", entries));
    blob.pad_to(kOtherOffset).append(table("FACP", Blob().u64(1)));
    return blob.pad_to(kMadtOffset).append(madt());
}

Result<MadtFacts> read(const Blob& blob, BootInfo& boot, HardwareCpuId boot_cpu = 2) {
    const ArrayMemory memory{kBase, blob.bytes()};
    return read_acpi(memory, rsdp_at(memory, {kBase}), boot_cpu, boot);
}

TEST(Acpi, FindsTheCpusThroughEitherRoot) {
    for (const bool revision_2 : {false, true}) {
        BootInfo boot;
        const auto facts = read(machine(revision_2), boot);
        ASSERT_TRUE(facts.ok());
        ASSERT_EQ(boot.cpu_count, 3u);
        EXPECT_EQ(boot.cpus[0], 2u) << "the boot CPU comes first";
        EXPECT_EQ(boot.cpus[1], 0u);
        EXPECT_EQ(boot.cpus[2], 5u);
        EXPECT_EQ(boot.complaint_count, 1u) << "an id that needs x2APIC";
        EXPECT_EQ(facts->local_apic.value, 0xfee00000u);
        ASSERT_EQ(facts->io_apic_count, 1u);
        EXPECT_EQ(facts->io_apics[0].address.value, 0xfec00000u);
        EXPECT_EQ(facts->io_apics[0].id, 7u);
        ASSERT_EQ(facts->override_count, 2u);
        EXPECT_EQ(facts->overrides[0].global_interrupt, 2u);
        EXPECT_FALSE(facts->overrides[0].level_triggered);
        EXPECT_TRUE(facts->overrides[1].level_triggered);
        EXPECT_FALSE(facts->overrides[1].active_low);
    }
}

TEST(Acpi, EveryCutIsRefused) {
    const Blob whole = machine(true);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BootInfo boot;
        const auto bytes = whole.first(size);
        const ArrayMemory memory{kBase, bytes};
        EXPECT_FALSE(read_acpi(memory, rsdp_at(memory, {kBase}), 0, boot).ok()) << size;
    }
}

TEST(Acpi, EveryChangedByteOfTheMadtIsNoticed) {
    const Blob whole = machine(true);
    for (std::size_t i = 0; i < madt().size(); ++i) {
        auto bytes = whole.first(whole.size());
        bytes[kMadtOffset + i] ^= std::byte{0x10};
        BootInfo boot;
        const ArrayMemory memory{kBase, bytes};
        EXPECT_FALSE(read_acpi(memory, rsdp_at(memory, {kBase}), 0, boot).ok()) << i;
    }
}

TEST(Acpi, AnEntryOfNoLengthIsMalformed) {
    BootInfo boot;
    const Blob broken = table("APIC", Blob().u32(0).u32(0).u8(0).u8(0));
    EXPECT_EQ(read_madt(broken.bytes(), 0, boot).error(), Error::malformed);
    const Blob too_long = table("APIC", Blob().u32(0).u32(0).u8(0).u8(9));
    EXPECT_EQ(read_madt(too_long.bytes(), 0, boot).error(), Error::truncated);
    EXPECT_EQ(read_madt(table("APIC", Blob().u32(0).u32(0)).bytes(), 0, boot).error(),
              Error::not_found);
}

TEST(Acpi, CpusOverTheLimitAreCounted) {
    Blob body;
    body.u32(0xfee00000).u32(0);
    for (std::uint8_t id = 0; id < 20; ++id) {
        body.u8(0).u8(8).u8(id).u8(id).u32(1);
    }
    BootInfo boot;
    ASSERT_TRUE(read_madt(table("APIC", body).bytes(), 0, boot).ok());
    EXPECT_EQ(boot.cpu_count, kMaxCpus);
    EXPECT_EQ(boot.cpus_ignored, 20 - kMaxCpus);
}

}  // namespace
}  // namespace fathom
