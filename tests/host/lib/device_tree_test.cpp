// The device-tree reader against libfdt, over the trees that QEMU makes for its `virt` machine.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include <libfdt.h>
}

#include <lib/readers/machine.hpp>

namespace fathom {
namespace {

namespace fs = std::filesystem;
using Blob = std::vector<std::byte>;

Blob read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    Blob bytes(content.size());
    std::memcpy(bytes.data(), content.data(), content.size());
    return bytes;
}

/// The tree of a machine, boot arguments and an initrd included.
Blob dump(const std::string& machine, const std::string& more) {
    const fs::path folder =
        fs::path(testing::TempDir()) / ("fathom_dtb." + std::to_string(getpid()));
    fs::create_directories(folder);
    std::ofstream(folder / "kernel") << std::string(4096, 'k');
    std::ofstream(folder / "initrd") << std::string(5000, 'i');
    const std::string command =
        "qemu-system-aarch64 -M virt,dumpdtb=" + (folder / "out.dtb").string() + machine +
        " -cpu cortex-a57 -display none -kernel " + (folder / "kernel").string() + " -initrd " +
        (folder / "initrd").string() + " -append 'seed=3 run=tests' " + more + " >/dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    const Blob blob = read_file(folder / "out.dtb");
    fs::remove_all(folder);
    return blob;
}

const Blob& usual_tree() {
    static const Blob blob = dump(",gic-version=3", "-smp 4 -m 256M");
    return blob;
}

// Every node and property that libfdt sees, in its order.
void expect_same_as_libfdt(const Blob& blob) {
    const auto tree = DeviceTree::open(blob);
    ASSERT_TRUE(tree.ok()) << describe(tree.error());
    DeviceTree::Walk walk(*tree);
    int depth = 0;
    int nodes = 0;
    for (int offset = 0; offset >= 0 && depth >= 0;
         offset = fdt_next_node(blob.data(), offset, &depth), ++nodes) {
        const auto node = walk.next();
        ASSERT_TRUE(node);
        EXPECT_EQ(node->name, fdt_get_name(blob.data(), offset, nullptr));
        EXPECT_EQ(node->depth, depth);
        if (const int parent = fdt_parent_offset(blob.data(), offset); parent >= 0) {
            EXPECT_EQ(node->address_cells, fdt_address_cells(blob.data(), parent));
            EXPECT_EQ(node->size_cells, fdt_size_cells(blob.data(), parent));
        }
        std::uint32_t place = 0;
        int property_offset;
        fdt_for_each_property_offset(property_offset, blob.data(), offset) {
            const char* name = nullptr;
            int size = 0;
            const void* value = fdt_getprop_by_offset(blob.data(), property_offset, &name, &size);
            const auto property = tree->next_property(*node, place);
            ASSERT_TRUE(property);
            EXPECT_EQ(property->name, name);
            ASSERT_EQ(property->value.size(), static_cast<std::size_t>(size));
            EXPECT_EQ(std::memcmp(property->value.data(), value, property->value.size()), 0);
        }
        EXPECT_FALSE(tree->next_property(*node, place));
    }
    EXPECT_FALSE(walk.next());
    EXPECT_GT(nodes, 30);
}

TEST(DeviceTree, SeesWhatLibfdtSees) {
    expect_same_as_libfdt(usual_tree());
    expect_same_as_libfdt(dump("", ""));
    expect_same_as_libfdt(dump(",gic-version=2,virtualization=on,secure=on", "-smp 2 -m 4G"));
}

TEST(DeviceTree, FindsNodesByPathAndByCompatible) {
    const auto tree = DeviceTree::open(usual_tree());
    ASSERT_TRUE(tree.ok());
    for (const char* path :
         {"/", "/chosen", "/cpus", "/cpus/cpu@2", "/memory@40000000", "/timer"}) {
        const auto node = tree->find(path);
        ASSERT_TRUE(node) << path;
        const int offset = fdt_path_offset(usual_tree().data(), path);
        ASSERT_GE(offset, 0) << path;
        EXPECT_EQ(node->name, fdt_get_name(usual_tree().data(), offset, nullptr));
    }
    EXPECT_EQ(tree->find("/memory")->name, "memory@40000000");
    EXPECT_FALSE(tree->find("/cpus/cpu@9"));
    EXPECT_FALSE(tree->find("/cpus/chosen"));
    EXPECT_FALSE(tree->find("/nobody"));
    const std::string_view names[] = {"nobody,nothing", "arm,pl011"};
    std::optional<Node> found[2];
    tree->find_compatible(names, found);
    EXPECT_FALSE(found[0]);
    const auto& uart = found[1];
    ASSERT_TRUE(uart);
    EXPECT_EQ(tree->reg(*uart, 0)->address, 0x900'0000u);
    EXPECT_FALSE(tree->reg(*uart, 1));
}

TEST(Machine, IsReadFromTheTree) {
    BootInfo boot;
    const auto tree = DeviceTree::open(usual_tree());
    ASSERT_TRUE(tree.ok());
    const MachineFacts facts = read_machine(*tree, 2, boot);
    EXPECT_EQ(facts.psci, PsciMethod::hvc);
    EXPECT_EQ(facts.gic.version, 3u);
    ASSERT_EQ(facts.gic.range_count, 2u);
    EXPECT_EQ(facts.gic.ranges[0].address, 0x800'0000u);
    EXPECT_EQ(facts.gic.ranges[1].address, 0x80a'0000u);
    EXPECT_EQ(facts.uart.address, 0x900'0000u);
    EXPECT_EQ(facts.uart_interrupt, 33u);
    EXPECT_EQ(facts.virtual_timer_interrupt, 27u);
    EXPECT_EQ(boot.command_line(), "seed=3 run=tests");
    ASSERT_EQ(boot.cpu_count, 4u);
    EXPECT_EQ(boot.cpus[0], 2u);
    EXPECT_EQ(boot.cpus[1], 0u);
    EXPECT_EQ(boot.cpus[2], 1u);
    ASSERT_EQ(boot.module_count, 1u);
    EXPECT_EQ(boot.modules[0].size_bytes, 5000u);
    EXPECT_EQ(boot.ranges[0].begin.value, 0x4000'0000u);
    EXPECT_EQ(boot.ranges[0].size_bytes, 256u << 20);
    EXPECT_EQ(boot.ranges[0].kind, MemoryRange::Kind::usable);
    EXPECT_EQ(boot.complaint_count, 0u);
}

TEST(Machine, KnowsGicV2AndTheSmcConduit) {
    const Blob blob = dump(",gic-version=2,virtualization=on", "-smp 2");
    BootInfo boot;
    const auto tree = DeviceTree::open(blob);
    ASSERT_TRUE(tree.ok());
    const MachineFacts facts = read_machine(*tree, 0, boot);
    EXPECT_EQ(facts.gic.version, 2u);
    EXPECT_EQ(facts.gic.ranges[1].address, 0x801'0000u);
    EXPECT_EQ(facts.psci, PsciMethod::smc);
}

TEST(DeviceTree, EveryCutIsRefused) {
    const Blob& whole = usual_tree();
    // QEMU pads its trees to 1 MiB: cut where something is.
    const std::size_t used = fdt_off_dt_strings(whole.data()) + fdt_size_dt_strings(whole.data());
    for (std::size_t size = 0; size < used; size += size < 64 ? 1 : 97) {
        const Blob cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(DeviceTree::open(cut).ok()) << size;
    }
}

TEST(DeviceTree, ChangedBytesAreHarmless) {
    std::mt19937 random(11);
    Blob small = usual_tree();
    small.resize(fdt_off_dt_strings(small.data()) + fdt_size_dt_strings(small.data()));
    fdt_set_totalsize(small.data(), static_cast<std::uint32_t>(small.size()));
    int opened = 0;
    for (int round = 0; round < 3'000; ++round) {
        Blob changed = small;
        for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
            const std::size_t limit = round % 3 == 0 ? 40 : changed.size();
            changed[random() % limit] = static_cast<std::byte>(random());
        }
        if (const auto tree = DeviceTree::open(changed); tree.ok()) {
            BootInfo boot;
            static_cast<void>(read_machine(*tree, 0, boot));
            ++opened;
        }
    }
    EXPECT_GT(opened, 500);
}

}  // namespace
}  // namespace fathom
