// The sweep's operations of mm: frames, heap, ranges, stacks. Each calls its namesake once.

#include <sweep/sweep.hpp>

#include <mm/address_space.hpp>
#include <mm/c_heap.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/heap.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/live_memory.hpp>
#include <mm/shootdown.hpp>
#include <mm/stack_release.hpp>
#include <mm/thread_stack.hpp>
#include <mm/unmap.hpp>

namespace fathom {
namespace {

// Sizes that go to a CPU's list, to a fresh slab, and to whole pages, one after the other.
std::size_t some_size(const Sweep& sweep) {
    constexpr std::size_t kSizes[] = {64, 1000, 2048, 3000, 40'000};
    return kSizes[sweep.offset() % 5];
}

mm::ThreadStack& own_stack() {
    return *mm::ThreadStack::containing(VirtAddr{arch::stack_pointer()});
}

}  // namespace

SWEEP(heap_allocate) {
    void* block = nullptr;
    sweep.call([&](Preemptible swept) { block = mm::heap_allocate(some_size(sweep), swept); });
    mm::heap_free(block, here);
}
SWEEP(heap_allocate_aligned) {
    void* block = nullptr;
    sweep.call([&](Preemptible swept) { block = mm::heap_allocate_aligned(96, 1024, swept); });
    mm::heap_free(block, here);
}
SWEEP(heap_free) {
    void* block = mm::heap_allocate(some_size(sweep), here);
    sweep.call([&](Preemptible swept) { mm::heap_free(block, swept); });
}
SWEEP(heap_resize) {
    void* block = mm::heap_allocate(64, here);
    sweep.call([&](Preemptible swept) { block = mm::heap_resize(block, some_size(sweep), swept); });
    mm::heap_free(block, here);
}
SWEEP(drain_heap_caches) {
    mm::heap_free(mm::heap_allocate(64, here), here);
    sweep.call([&](Preemptible swept) { mm::drain_heap_caches(swept); });
}

SWEEP(malloc) {
    void* block = nullptr;
    sweep.call([&](Preemptible) { block = malloc(some_size(sweep)); });
    free(block);
}
SWEEP(free) {
    void* block = malloc(some_size(sweep));
    sweep.call([&](Preemptible) { free(block); });
}
SWEEP(calloc) {
    void* block = nullptr;
    sweep.call([&](Preemptible) { block = calloc(3, 40); });
    free(block);
}
SWEEP(realloc) {
    void* block = malloc(64);
    sweep.call([&](Preemptible) { block = realloc(block, some_size(sweep)); });
    free(block);
}
SWEEP(aligned_alloc) {
    void* block = nullptr;
    sweep.call([&](Preemptible) { block = aligned_alloc(256, 512); });
    free(block);
}

SWEEP(allocate_frame) {
    mm::drain_frame_caches(here);  // every call goes down to the buddy system
    Result<PhysAddr> frame = Error::out_of_memory;
    sweep.call([&](Preemptible swept) { frame = mm::allocate_frame(swept); });
    mm::free_frame(*frame, here);
}
SWEEP(free_frame) {
    const auto frame = mm::allocate_frame(here);
    sweep.call([&](Preemptible swept) { mm::free_frame(*frame, swept); });
}
SWEEP(allocate_frames) {
    Result<PhysAddr> frames = Error::out_of_memory;
    sweep.call([&](Preemptible swept) { frames = mm::allocate_frames(3, swept); });
    mm::free_frames(*frames, 3, here);
}
SWEEP(free_frames) {
    const auto frames = mm::allocate_frames(2, here);
    sweep.call([&](Preemptible swept) { mm::free_frames(*frames, 2, swept); });
}
SWEEP(drain_frame_caches) {
    mm::free_frame(*mm::allocate_frame(here), here);
    sweep.call([&](Preemptible swept) { mm::drain_frame_caches(swept); });
}
SWEEP(refill_reserve) {
    sweep.call([&](Preemptible swept) { static_cast<void>(mm::refill_reserve(swept)); });
}

SWEEP(map_range) {
    Result<VirtAddr> range = Error::out_of_memory;
    sweep.call([&](Preemptible swept) {
        range =
            mm::map_range(KiB(16), arch::Protection::read_write,
                          sweep.offset() % 2 ? mm::Populate::now : mm::Populate::on_touch, swept);
    });
    static_cast<void>(mm::unmap_range(*range, here));
}
SWEEP(unmap_range) {
    const auto range = mm::map_range(KiB(8), arch::Protection::read_write, mm::Populate::now, here);
    sweep.call([&](Preemptible swept) { static_cast<void>(mm::unmap_range(*range, swept)); });
}
SWEEP(unmap_pages) {
    const auto range = mm::map_range(KiB(8), arch::Protection::read_write, mm::Populate::now, here);
    sweep.call([&](Preemptible swept) { mm::unmap_pages(*range, *range + KiB(8), swept); });
    static_cast<void>(mm::unmap_range(*range, here));
}
SWEEP(protect_range) {
    const auto range = mm::map_range(KiB(8), arch::Protection::read_write, mm::Populate::now, here);
    sweep.call([&](Preemptible swept) {
        static_cast<void>(mm::protect_range(*range, KiB(8), arch::Protection::read_only, swept));
    });
    static_cast<void>(mm::unmap_range(*range, here));
}
SWEEP(advise_range) {
    const auto range = mm::map_range(KiB(8), arch::Protection::read_write, mm::Populate::now, here);
    const auto advice = sweep.offset() % 2 == 0 ? mm::Advice::not_needed : mm::Advice::will_need;
    if (advice == mm::Advice::will_need) {
        static_cast<void>(mm::advise_range(*range, KiB(8), mm::Advice::not_needed, here));
    }
    sweep.call([&](Preemptible swept) {
        static_cast<void>(mm::advise_range(*range, KiB(8), advice, swept));
    });
    static_cast<void>(mm::unmap_range(*range, here));
}
SWEEP(populate_range) {
    const auto range =
        mm::map_range(KiB(8), arch::Protection::read_write, mm::Populate::on_touch, here);
    sweep.call([&](Preemptible swept) { static_cast<void>(mm::populate_range(*range, swept)); });
    static_cast<void>(mm::unmap_range(*range, here));
}

SWEEP(read_live_word) {
    sweep.call([&](Preemptible swept) {
        static_cast<void>(mm::read_live_word(own_stack().top() - 8, swept));
    });
}

SWEEP(create_kernel_stack) {
    Result<VirtAddr> top = Error::out_of_memory;
    sweep.call([&](Preemptible swept) { top = mm::create_kernel_stack(KiB(8), swept); });
    mm::destroy_kernel_stack(*top, KiB(8), here);
}
SWEEP(destroy_kernel_stack) {
    const auto top = mm::create_kernel_stack(KiB(8), here);
    sweep.call([&](Preemptible swept) { mm::destroy_kernel_stack(*top, KiB(8), swept); });
}

SWEEP(ThreadStack_create) {
    if (sweep.offset() % 16 == 0) {
        mm::drain_stack_caches(here);  // every now and then a stack that is not out of the cache
    }
    Result<mm::ThreadStack*> stack = Error::out_of_memory;
    sweep.call([&](Preemptible swept) { stack = mm::ThreadStack::create(KiB(64), 1, swept); });
    (*stack)->destroy(here);
}
SWEEP(ThreadStack_destroy) {
    const auto stack = mm::ThreadStack::create(MiB(4), 1, here);
    sweep.call([&](Preemptible swept) { (*stack)->destroy(swept); });
    if (sweep.offset() % 2 == 0) {
        mm::drain_stack_caches(here);
    }
}
SWEEP(ThreadStack_high_water) {
    sweep.call([&](Preemptible swept) { static_cast<void>(own_stack().high_water(swept)); });
}
SWEEP(ThreadStack_is_populated) {
    sweep.call([&](Preemptible swept) {
        static_cast<void>(own_stack().is_populated(own_stack().bottom(), swept));
    });
}
SWEEP(drain_stack_caches) {
    (*mm::ThreadStack::create(KiB(32), 1, here))->destroy(here);
    sweep.call([&](Preemptible swept) { mm::drain_stack_caches(swept); });
}
SWEEP(stack_statistics) {
    sweep.call([&](Preemptible swept) { static_cast<void>(mm::stack_statistics(MiB(8), swept)); });
}
SWEEP(stack_statistics_2) {
    sweep.call([&](Preemptible swept) { static_cast<void>(mm::stack_statistics(swept)); });
}

SWEEP(shootdown_and_wait) {
    sweep.call([&](Preemptible swept) {
        mm::shootdown_and_wait(
            own_stack().bottom(), PageCount(1),
            sweep.offset() % 2 ? mm::Unlinked::tables_too : mm::Unlinked::pages_only, swept);
    });
}
SWEEP(wait_for_handlers) {
    sweep.call([](Preemptible swept) { mm::wait_for_handlers(swept); });
}
SWEEP(release_stack_pages) {
    mm::ThreadStack& stack = **mm::ThreadStack::create(KiB(64), 1, here);
    for (unsigned depth = 1; depth < 1 + sweep.offset() % 4; ++depth) {
        *(stack.top() - depth * kPageSize - 1).as<volatile std::byte>() = std::byte{1};
    }
    const mm::StackCut cut{&stack, stack.top()};
    sweep.call([&](Preemptible swept) {
        static_cast<void>(mm::release_stack_pages({&cut, 1}, swept));
    });
    stack.destroy(here);
}
SWEEP(free_deferred_frames) {
    sweep.call([&](Preemptible swept) { mm::free_deferred_frames(swept); });
}

}  // namespace fathom
