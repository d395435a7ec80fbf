// Fuzzes the device-tree reader: opening, every walk, and what the kernel asks of a tree.

#include <fuzz/fuzz.hpp>
#include <lib/readers/machine.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fathom;
    const auto tree = DeviceTree::open(bytes_of(data, size));
    if (!tree.ok()) {
        return 0;
    }
    for (DeviceTree::Walk walk(*tree); const auto node = walk.next();) {
        require(node->depth < DeviceTree::kMaxDepth);
        for (std::uint32_t place = 0; const auto property = tree->next_property(*node, place);) {
            require(property->value.size() <= size);
        }
        for (std::size_t i = 0; i < 4 && tree->reg(*node, i); ++i) {
        }
    }
    BootInfo boot;
    const MachineFacts facts = read_machine(*tree, 0, boot);
    require(facts.gic.range_count <= GicFacts::kMaxRanges);
    require_sane(boot);
    return 0;
}
