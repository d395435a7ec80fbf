// Between the magazines and the frame allocator: batches of blocks, and slabs.
//
// Owns:    nothing of its own; the slabs are SlabCentral's.
// Context: atomic, except grow(Preemptible).
// Story:   called when a magazine is empty or full; goes on in frame_allocator.cpp.

#include <mm/slab_central.hpp>

#include <context/kernel_work.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/heap_hardening.hpp>

namespace fathom::mm {

void SlabCentral::refill(const Magazine& magazine, Atomic atomic) {
    SpinlockHeld held{lock_, atomic};
    while (magazine.count() <= magazine.limit / 2) {
        FreeBlock* const block = slabs_.take();
        if (block == nullptr || magazine.put(block)) {
            return;
        }
    }
}

void SlabCentral::flush(const Magazine& magazine, std::int32_t left, Atomic atomic) {
    SpinlockHeld held{lock_, atomic};
    while (magazine.count() > left) {
        give_back(slabs_.put(static_cast<FreeBlock*>(magazine.take())), atomic);
    }
}

void SlabCentral::drain(const Magazine& magazine, Atomic atomic) {
    flush(magazine, 0, atomic);
    SpinlockHeld held{lock_, atomic};
    // Two that grew at once may have found enough in one of the two.
    while (std::byte* const unused = slabs_.take_unused()) {
        give_back(unused, atomic);
    }
}

/// An empty slab, if it is one. Only now with interrupts off: who waits for lock_ like that waits
/// for a holder that an interrupt may stop, and no CPU could be called to a standstill meanwhile.
void SlabCentral::give_back(std::byte* slab, Atomic atomic) {
    if (slab != nullptr) {
        IrqsOff irqs{nested_in(atomic)};
        free_frames(virt_to_phys(VirtAddr::of(slab)), shape().order, irqs);
    }
}

bool SlabCentral::grow(Preemptible here) {
    const KernelWork work{here};  // who is ended in the middle takes the frames along
    const Result<PhysAddr> pages = allocate_frames(shape().order, here);
    if (!pages.ok()) {
        return false;
    }
    auto* const base = phys_to_virt(*pages).as<std::byte>();
    slabs_.format(base);
    poison_new_slab(base, shape());
    PreemptOff atomic{here, window<512>};
    add_formatted(base, atomic);
    return true;
}

/// Frames for a slab, which ask for interrupts off; lock_ must not be waited for like that.
Result<PhysAddr> SlabCentral::slab_frames(Atomic atomic) {
    IrqsOff irqs{nested_in(atomic)};
    return allocate_frames(shape().order, static_cast<IrqsDisabled>(irqs));
}

bool SlabCentral::grow(Atomic atomic) {
    const Result<PhysAddr> pages = slab_frames(atomic);
    if (!pages.ok()) {
        return false;
    }
    auto* const base = phys_to_virt(*pages).as<std::byte>();
    slabs_.format(base);
    poison_new_slab(base, shape());
    add_formatted(base, atomic);
    return true;
}

void SlabCentral::add_formatted(std::byte* base, Atomic atomic) {
    SpinlockHeld held{lock_, atomic};
    slabs_.add(base);
}

}  // namespace fathom::mm
