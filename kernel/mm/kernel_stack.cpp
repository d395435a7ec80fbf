// Populated stacks: slots in a range per size, found by a bitmap.
//
// Owns:    the bitmaps and the mappings.
// Context: as the header says.

#include <mm/kernel_stack.hpp>

#include <array>
#include <atomic>
#include <bit>

#include <context/atomic_scope.hpp>
#include <context/lazy_range.hpp>
#include <context/spinlock.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/shootdown.hpp>
#include <mm/stack_geometry.hpp>

namespace fathom::mm {

namespace {

constexpr unsigned kClasses = 10;  // 4 KiB .. 2 MiB
static_assert(kPageSize << (kClasses - 1) == kLargestKernelStack);
constexpr unsigned kClassShift = 36;
constexpr std::uint32_t kSlots = 4096;
/// A word of a stack that nobody has written to.
constexpr std::uint64_t kUntouched = 0x57ac'57ac'57ac'57ac;

constexpr std::uint64_t size_of(unsigned size_class) { return kPageSize << size_class; }
constexpr std::uint64_t stride_of(unsigned size_class) {
    return size_of(size_class) + kPrefaultBytes + kStackGapBytes;
}
static_assert(kSlots * stride_of(kClasses - 1) <= 1ull << kClassShift);
static_assert(std::uint64_t{kClasses} << kClassShift <= kKernelStackEnd - kKernelStackBase);

constexpr unsigned class_for(std::uint64_t size_bytes) {
    return size_bytes <= kPageSize ? 0 : static_cast<unsigned>(std::bit_width(size_bytes - 1)) - 12;
}
constexpr VirtAddr base_of(unsigned size_class, std::uint32_t slot) {
    return {kKernelStackBase + (std::uint64_t{size_class} << kClassShift) +
            slot * stride_of(size_class)};
}

/// Which slots are taken. Bits are claimed by compare-and-swap: boot, threads and reports need no
/// lock.
struct SlotMap {
    std::array<std::atomic<std::uint64_t>, kSlots / 64> words{};

    /// A slot that was free, or kSlots.
    std::uint32_t claim() {
        for (std::uint32_t index = 0; index < words.size(); ++index) {
            std::uint64_t word = words[index].load(std::memory_order_relaxed);
            while (~word != 0) {
                const unsigned bit = static_cast<unsigned>(std::countr_one(word));
                if (words[index].compare_exchange_weak(word, word | 1ull << bit)) {
                    return index * 64 + bit;
                }
            }
        }
        return kSlots;
    }
    void release(std::uint32_t slot) { words[slot / 64].fetch_and(~(1ull << slot % 64)); }
    bool is_taken(std::uint32_t slot) const {
        return (words[slot / 64].load(std::memory_order_relaxed) >> slot % 64 & 1) != 0;
    }
};
constinit std::array<SlotMap, kClasses> slot_maps;

struct ClearedPages {
    void entry_gone(VirtAddr, std::uint64_t entry) {
        pages.push(arch::PageTableFormat::address(entry));
    }
    void table_gone(PhysAddr table) { tables.push(table); }
    FrameList pages;
    FrameList tables;
};

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

void unmap_stack(VirtAddr begin, VirtAddr end, Preemptible here) {
    ClearedPages cleared;
    for (VirtAddr at = begin; at < end;) {
        IrqsOff irqs{here, window<1024>};
        at = kernel_table.clear_some(at, end, cleared);
    }
    shootdown_and_wait(begin, PageCount((end - begin) / kPageSize), Unlinked::tables_too, here);
    free_frame_list(cleared.pages, here);
    free_frame_list(cleared.tables, here);
}

/// A slot of the size that was asked for.
struct Claimed {
    unsigned size_class;
    std::uint32_t slot;
    VirtAddr first_page() const { return base_of(size_class, slot) + kStackGapBytes; }
    VirtAddr top() const { return base_of(size_class, slot) + stride_of(size_class); }
};

Result<Claimed> claim_slot(std::uint64_t size_bytes) {
    if (size_bytes == 0 || size_bytes > kLargestKernelStack) {
        return Error::invalid_argument;
    }
    const unsigned size_class = class_for(size_bytes);
    const std::uint32_t slot = slot_maps[size_class].claim();
    if (slot == kSlots) {
        return Error::out_of_memory;
    }
    return Claimed{size_class, slot};
}

}  // namespace

Result<VirtAddr> create_kernel_stack(std::uint64_t size_bytes, Preemptible here) {
    const Claimed claimed = FATHOM_TRY(claim_slot(size_bytes));
    const Result<void> mapped = map_stack(claimed.first_page(), claimed.top(), here);
    if (!mapped.ok()) {
        unmap_stack(claimed.first_page(), claimed.top(), here);
        slot_maps[claimed.size_class].release(claimed.slot);
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
    const unsigned size_class = class_for(size_bytes);
    const VirtAddr base = top - stride_of(size_class);
    unmap_stack(base + kStackGapBytes, top, here);
    slot_maps[size_class].release(
        static_cast<std::uint32_t>((base - base_of(size_class, 0)) / stride_of(size_class)));
}

std::uint64_t kernel_stack_high_water(VirtAddr top, std::uint64_t size_bytes) {
    const VirtAddr bottom = top - size_of(class_for(size_bytes)) - kPrefaultBytes;
    VirtAddr at = bottom;
    while (at < top && *at.as<const volatile std::uint64_t>() == kUntouched) {
        at = at + sizeof(std::uint64_t);
    }
    return top - at;
}

bool in_kernel_stack_gap(VirtAddr address) {
    const std::uint64_t offset = address.value - kKernelStackBase;
    const auto size_class = static_cast<unsigned>(offset >> kClassShift);
    if (offset >= kKernelStackEnd - kKernelStackBase || size_class >= kClasses) {
        return false;
    }
    const std::uint64_t in_class = offset & ((std::uint64_t{1} << kClassShift) - 1);
    const std::uint64_t slot = in_class / stride_of(size_class);
    return slot < kSlots && in_class % stride_of(size_class) < kStackGapBytes &&
           slot_maps[size_class].is_taken(static_cast<std::uint32_t>(slot));
}

}  // namespace fathom::mm
