// The emergency reserve: a small stack of frames under a lock.
//
// Owns:    the frames.
// Context: as the header says.

#include <mm/emergency_reserve.hpp>

#include <array>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
#include <mm/direct_map.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/frame_reserve.hpp>

namespace fathom::mm {

namespace {

constinit IrqSpinlock lock{LockRank::leaf};
constinit std::array<PhysAddr, kEmergencyFrames> frames{};  // Protected by lock.
constinit std::size_t count = 0;                            // Protected by lock; read by anybody.

/// One of them, or {0}.
PhysAddr take(IrqsDisabled irqs) {
    SpinlockHeld held{lock, irqs};
    if (count == 0) {
        return PhysAddr{0};
    }
    __atomic_store_n(&count, count - 1, __ATOMIC_RELAXED);
    return frames[count];
}

/// False where it is full.
bool put(PhysAddr frame, IrqsDisabled irqs) {
    SpinlockHeld held{lock, irqs};
    if (count == frames.size()) {
        return false;
    }
    frames[count] = frame;
    __atomic_store_n(&count, count + 1, __ATOMIC_RELAXED);
    return true;
}

}  // namespace

bool lend_emergency_frames(IrqsDisabled irqs) {
    FrameReserve& reserve = FrameReserve::this_cpu(irqs);
    bool any = false;
    while (reserve.count() < FrameReserve::kMostPerFault) {
        const PhysAddr frame = take(irqs);
        if (frame.value == 0) {
            break;
        }
        arch::zero_page(phys_to_virt(frame).as());
        reserve.give_back(frame, irqs);
        any = true;
    }
    return any;
}

void refill_emergency_reserve(Preemptible here) {
    while (emergency_frames() < kEmergencyFrames) {
        const Result<PhysAddr> frame = allocate_frame(here);
        if (!frame.ok()) {
            return;
        }
        IrqsOff irqs{here, window<1024>};
        if (!put(*frame, irqs)) {
            free_frame(*frame, static_cast<IrqsDisabled>(irqs));
        }
    }
}

std::size_t emergency_frames() { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

}  // namespace fathom::mm
