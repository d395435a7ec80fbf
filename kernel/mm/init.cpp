// Memory comes into being, in the order in which each part needs the one before.
//
// Context: boot, interrupts off.
// Story:   called by main/main.cpp.

#include <mm/init.hpp>

#include <array>

#include <mm/boot_context.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/heap.hpp>
#include <mm/kernel_space.hpp>
#include <mm/physical_memory.hpp>

namespace fathom::mm {

namespace {

MemoryPiece pages_of(const BootModule& module) {
    return {{align_down(module.begin.value, kPageSize)},
            {align_up(module.begin.value + module.size_bytes, kPageSize)}};
}

/// The image, then the modules: reserved, whatever the memory map says.
struct Occupied {
    explicit Occupied(const BootInfo& boot) {
        pieces[count++] = image_frames();
        for (std::size_t index = 0; index < boot.module_count; ++index) {
            pieces[count++] = pages_of(boot.modules[index]);
        }
    }
    std::span<const MemoryPiece> all() const { return {pieces.data(), count}; }
    std::span<const MemoryPiece> image() const { return all().first(1); }
    std::span<const MemoryPiece> modules() const { return all().subspan(1); }

    std::array<MemoryPiece, BootInfo::kMaxModules + 1> pieces{};
    std::size_t count = 0;
};

/// The memory map's usable ranges alone: what lies reserved inside them is RAM all the same.
struct UsableRanges {
    void collect(const BootInfo& boot) {
        for (std::size_t index = 0; index < boot.range_count; ++index) {
            if (boot.ranges[index].kind == MemoryRange::Kind::usable) {
                ranges[count++] = boot.ranges[index];
            }
        }
    }
    std::span<const MemoryRange> all() const { return {ranges.data(), count}; }

    std::array<MemoryRange, BootInfo::kMaxRanges> ranges{};
    std::size_t count = 0;
};

}  // namespace

void init(const BootInfo& boot) {
    const Occupied occupied(boot);
    const MemoryPieces free_pieces({boot.ranges, boot.range_count}, occupied.all());
    init_frames(free_pieces);
    init_heap();

    static constinit UsableRanges ram;  // too large for a boot stack's frame
    ram.collect(boot);
    init_kernel_space(MemoryPieces(ram.all(), occupied.image()), occupied.modules());
    add_high_frames(free_pieces);
    ASSERT(init_cpu(0, boot_irqs_disabled()).ok(), "RAM is too small: no frames for the reserve");
}

Result<void> init_cpu(std::uint32_t cpu_index, IrqsDisabled irqs) {
    return init_reserve(cpu_index, irqs);
}

void retire_cpu(std::uint32_t cpu_index, IrqsDisabled irqs) { drop_reserve(cpu_index, irqs); }

}  // namespace fathom::mm
