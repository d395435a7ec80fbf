// Populated stacks: slots in a range per size (kernel_stack_geometry.hpp), found by a bitmap.
//
// Owns:    the bitmaps and the mappings.
// Context: as the header says.

#include <mm/kernel_stack.hpp>

#include <array>
#include <atomic>
#include <span>

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/kernel_stack_geometry.hpp>
#include <mm/slot_map.hpp>
#include <mm/unmap.hpp>

namespace fathom::mm {

namespace {

using Geometry = KernelStackGeometry;

/// A word of a stack that nobody has written to.
constexpr std::uint64_t kUntouched = 0x57ac'57ac'57ac'57ac;

// In .bss, class after class: see kernel_stack_geometry.hpp for how much that is.
constinit std::array<std::atomic<std::uint64_t>, Geometry::words_before(Geometry::kClasses)>
    slot_words{};
constinit std::array<std::atomic<std::uint32_t>, Geometry::kClasses> first_words{};

/// Which slots of a class are taken.
SlotMap slots_of(unsigned size_class) {
    return {std::span(slot_words)
                .subspan(Geometry::words_before(size_class), Geometry::slots_of(size_class) / 64),
            first_words[size_class]};
}

/// Maps a page full of the pattern at `page`. Witness is a Preemptible or an IrqsDisabled.
template <typename Witness>
Result<void> map_untouched(VirtAddr page, Witness witness) {
    const PhysAddr frame = FATHOM_TRY(allocate_frame(witness));
    auto* word = phys_to_virt(frame).as<volatile std::uint64_t>();
    for (std::size_t left = kPageSize / sizeof *word; left != 0; --left) {
        *word++ = kUntouched;
    }
    const Result<void> mapped = map_page(page, frame, arch::Protection::read_write, witness);
    if (!mapped.ok()) {
        free_frame(frame, witness);
    }
    return mapped;
}

template <typename Witness>
Result<void> map_stack(VirtAddr begin, VirtAddr end, Witness witness) {
    for (VirtAddr page = begin; page < end; page = page + kPageSize) {
        const Result<void> mapped = map_untouched(page, witness);
        if (!mapped.ok()) {
            return mapped;
        }
    }
    return {};
}

/// A slot of the size that was asked for.
struct Claimed {
    unsigned size_class;
    std::uint32_t slot;
    VirtAddr base() const { return Geometry::base_of(size_class, slot); }
    VirtAddr first_page() const { return base() + kStackGapBytes; }
    VirtAddr top() const { return base() + Geometry::stride_of(size_class); }
};

Result<Claimed> claim_slot(std::uint64_t size_bytes) {
    if (size_bytes == 0 || size_bytes > kLargestKernelStack) {
        return Error::invalid_argument;
    }
    const unsigned size_class = Geometry::class_for(size_bytes);
    const std::uint32_t slot = slots_of(size_class).claim();
    if (slot == Geometry::slots_of(size_class)) {
        return Error::out_of_memory;
    }
    return Claimed{size_class, slot};
}

}  // namespace

Result<VirtAddr> create_kernel_stack(std::uint64_t size_bytes, Preemptible here) {
    const Claimed claimed = FATHOM_TRY(claim_slot(size_bytes));
    const Result<void> mapped = map_stack(claimed.first_page(), claimed.top(), here);
    if (!mapped.ok()) {
        unmap_pages(claimed.first_page(), claimed.top(), here);
        slots_of(claimed.size_class).release(claimed.slot);
        return mapped.error();
    }
    return claimed.top();
}

Result<VirtAddr> create_kernel_stack(std::uint64_t size_bytes, IrqsDisabled irqs) {
    const Claimed claimed = FATHOM_TRY(claim_slot(size_bytes));
    const Result<void> mapped = map_stack(claimed.first_page(), claimed.top(), irqs);
    if (!mapped.ok()) {
        return mapped.error();  // boot stops here: what is mapped stays
    }
    return claimed.top();
}

void destroy_kernel_stack(VirtAddr top, std::uint64_t size_bytes, Preemptible here) {
    const unsigned size_class = Geometry::class_for(size_bytes);
    const VirtAddr base = top - Geometry::stride_of(size_class);
    unmap_pages(base + kStackGapBytes, top, here);
    slots_of(size_class)
        .release(static_cast<std::uint32_t>((base - Geometry::base_of(size_class, 0)) /
                                            Geometry::stride_of(size_class)));
}

std::uint64_t kernel_stack_high_water(VirtAddr top, std::uint64_t size_bytes) {
    const unsigned size_class = Geometry::class_for(size_bytes);
    const VirtAddr bottom = top - Geometry::size_of(size_class) - kPrefaultBytes;
    VirtAddr at = bottom;
    while (at < top && *at.as<const volatile std::uint64_t>() == kUntouched) {
        at = at + sizeof(std::uint64_t);
    }
    return top - at;
}

bool in_kernel_stack_gap(VirtAddr address) {
    const std::uint64_t offset = address.value - kKernelStackBase;
    const auto size_class = static_cast<unsigned>(offset >> Geometry::kClassShift);
    if (offset >= kKernelStackEnd - kKernelStackBase || size_class >= Geometry::kClasses) {
        return false;
    }
    const std::uint64_t in_class = offset & ((std::uint64_t{1} << Geometry::kClassShift) - 1);
    const std::uint64_t slot = in_class / Geometry::stride_of(size_class);
    return slot < Geometry::slots_of(size_class) &&
           in_class % Geometry::stride_of(size_class) < kStackGapBytes &&
           slots_of(size_class).is_taken(static_cast<std::uint32_t>(slot));
}

}  // namespace fathom::mm
