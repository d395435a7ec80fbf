// From a device tree to BootInfo and MachineFacts.
//
// Context: any; no state, no allocation.

#include <lib/readers/machine.hpp>

#include <array>

namespace fathom {
namespace {

/// Adds a range unless it wraps around.
void add_range(DeviceRange range, MemoryRange::Kind kind, BootInfo& boot) {
    if (range.size_bytes > ~range.address) {
        return boot.complain("device tree: a memory range wraps around; it is not used");
    }
    if (range.size_bytes != 0) {
        boot.add_range({range.address}, range.size_bytes, kind);
    }
}

void add_ranges(const DeviceTree& tree, const Node& node, MemoryRange::Kind kind, BootInfo& boot) {
    for (std::size_t i = 0; const auto range = tree.reg(node, i); ++i) {
        add_range(*range, kind, boot);
    }
}

// Memory, CPUs and reserved memory, wherever they stand in the tree.
void read_nodes(const DeviceTree& tree, BootInfo& boot) {
    std::uint8_t reserved_depth = 0;  // children of /reserved-memory have this depth; 0: not inside
    for (DeviceTree::Walk walk(tree); const auto node = walk.next();) {
        if (node->depth < reserved_depth) {
            reserved_depth = 0;
        }
        if (reserved_depth != 0) {
            add_ranges(tree, *node, MemoryRange::Kind::reserved, boot);
            continue;
        }
        if (node->depth == 1 && node->name == "reserved-memory") {
            reserved_depth = 2;
            continue;
        }
        const auto type = tree.property(*node, "device_type");
        if (!type || !tree.enabled(*node)) {
            continue;
        }
        if (type->string() == "memory") {
            add_ranges(tree, *node, MemoryRange::Kind::usable, boot);
        } else if (type->string() == "cpu") {
            if (const auto id = tree.reg(*node, 0)) {
                boot.add_cpu(id->address);
            }
        }
    }
}

/// A number of one or two cells, as /chosen's initrd bounds are.
std::optional<std::uint64_t> cells(const std::optional<Property>& property) {
    if (!property || (property->value.size() != 4 && property->value.size() != 8)) {
        return std::nullopt;
    }
    return property->number(0, static_cast<unsigned>(property->value.size() / 4));
}

void read_chosen(const DeviceTree& tree, BootInfo& boot) {
    const auto chosen = tree.find("/chosen");
    if (!chosen) {
        return;
    }
    if (const auto arguments = tree.property(*chosen, "bootargs")) {
        boot.set_command_line(arguments->string());
    }
    const auto begin = cells(tree.property(*chosen, "linux,initrd-start"));
    const auto end = cells(tree.property(*chosen, "linux,initrd-end"));
    if (!begin && !end) {
        return;
    }
    if (!begin || !end || *end < *begin) {
        return boot.complain("device tree: the initrd's bounds make no sense; it is not read");
    }
    boot.add_module({*begin}, *end - *begin);
    add_range({*begin, *end - *begin}, MemoryRange::Kind::reserved, boot);
}

/// The devices that we know, some under two names.
enum Device : std::size_t { psci_1, psci_0_2, gic_v3, gic_v2, gic_400, pl011, timer, device_count };
/// What `compatible` calls each.
constexpr std::array<std::string_view, device_count> kDevices = {
    "arm,psci-1.0", "arm,psci-0.2", "arm,gic-v3",     "arm,cortex-a15-gic",
    "arm,gic-400",  "arm,pl011",    "arm,armv8-timer"};
using Devices = std::array<std::optional<Node>, device_count>;

PsciMethod read_psci(const DeviceTree& tree, const Devices& devices) {
    for (const Device device : {psci_1, psci_0_2}) {
        const auto& node = devices[device];
        const auto method = node ? tree.property(*node, "method") : std::nullopt;
        if (method && method->string() == "hvc") {
            return PsciMethod::hvc;
        }
        if (method && method->string() == "smc") {
            return PsciMethod::smc;
        }
    }
    return PsciMethod::none;
}

GicFacts read_gic(const DeviceTree& tree, const Devices& devices) {
    GicFacts gic;
    for (const Device device : {gic_v3, gic_v2, gic_400}) {
        if (const auto& node = devices[device]) {
            gic.version = device == gic_v3 ? 3 : 2;
            while (gic.range_count < GicFacts::kMaxRanges) {
                const auto range = tree.reg(*node, gic.range_count);
                if (!range) {
                    break;
                }
                gic.ranges[gic.range_count++] = *range;
            }
            break;
        }
    }
    return gic;
}

}  // namespace

std::uint32_t gic_interrupt(const DeviceTree& tree, const Node& node, std::size_t index) {
    // Devicetree bindings, arm,gic: {0 shared or 1 private, number, flags}.
    const auto interrupts = tree.property(node, "interrupts");
    if (!interrupts) {
        return 0;
    }
    const auto kind = interrupts->cell(index * 3);
    const auto number = interrupts->cell(index * 3 + 1);
    if (!kind || !number || *kind > 1 || *number > 987) {
        return 0;
    }
    return *number + (*kind == 0 ? 32 : 16);
}

[[gnu::cold]]
MachineFacts read_machine(const DeviceTree& tree, HardwareCpuId boot_cpu, BootInfo& boot) {
    boot.add_cpu(boot_cpu);
    read_nodes(tree, boot);
    for (std::size_t i = 0; const auto range = tree.reservation(i); ++i) {
        add_range(*range, MemoryRange::Kind::reserved, boot);
    }
    read_chosen(tree, boot);
    Devices devices;
    tree.find_compatible(kDevices, devices);
    MachineFacts facts;
    facts.psci = read_psci(tree, devices);
    facts.gic = read_gic(tree, devices);
    if (const auto& uart = devices[pl011]) {
        facts.uart = tree.reg(*uart, 0).value_or(DeviceRange{});
        facts.uart_interrupt = gic_interrupt(tree, *uart, 0);
    }
    if (const auto& node = devices[timer]) {
        // Secure physical, non-secure physical, virtual, hypervisor (bindings, arm,arch_timer).
        facts.virtual_timer_interrupt = gic_interrupt(tree, *node, 2);
    }
    return facts;
}

}  // namespace fathom
