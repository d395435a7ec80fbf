// TLB shootdown by numbered requests.
//
// Owns:    the ring of requests (shootdown_ring.hpp) and each CPU's acknowledgement.
// Context: as the header says. The lock here only guards the list of deferred frames.
// Story:   arch/ipi.hpp interrupts the others; their handle_shootdown() acknowledges.

#include <mm/shootdown.hpp>

#include <algorithm>
#include <atomic>

#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/tlb.hpp>
#include <context/atomic_scope.hpp>
#include <context/online_cpus.hpp>
#include <context/per_cpu.hpp>
#include <context/spinlock.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/shootdown_ring.hpp>

namespace fathom::mm {

namespace {

/// More pages than this are not forgotten one by one.
constexpr std::size_t kMostSinglePages = 32;

constinit ShootdownRing<16> ring;

/// The highest request number that a CPU has served. Written only by that CPU.
struct Acknowledged {
    std::atomic<std::uint64_t> number = 0;
};
constinit PerCpu<Acknowledged> acknowledged;

/// Unmapped by atomic callers, waiting for free_deferred_frames().
constinit IrqSpinlock deferred_lock{LockRank::shootdown};
constinit FrameList deferred_frames;  // Protected by deferred_lock.

/// Forgets what request `number` says; everything where the ring does not tell any more.
void serve(std::uint64_t number) {
    ForgottenPages wanted;
    if (ring.read(number, wanted)) {
        forget_here(wanted.first, wanted.pages);
    } else {
        arch::flush_tlb_all();
    }
}

/// Forgets here, posts a request and interrupts every other CPU; returns whom to wait for. In one
/// section: were we moved to another CPU in between, the one that we left would be forgotten.
CpuMask start(VirtAddr first, PageCount pages, bool ask_others, std::uint64_t& number,
              Preemptible here) {
    PreemptOff atomic{here, window<1024>};
    forget_here(first, pages);
    const CpuMask others = online_cpus() & ~(CpuMask{1} << arch::this_cpu_index());
    if (others == 0 || !ask_others) {
        return 0;
    }
    number = ring.post({first, pages});
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        if ((others >> cpu & 1) != 0) {
            arch::send_ipi(cpu, arch::Ipi::shootdown);
        }
    }
    return others;
}

}  // namespace

void forget_here(VirtAddr first, PageCount pages) {
    if (pages.value > kMostSinglePages) {
        return arch::flush_tlb_all();
    }
    for (std::size_t left = pages.value; left != 0; --left, first = first + kPageSize) {
        arch::flush_tlb_page(first);
    }
}

void shootdown_and_wait(VirtAddr first, PageCount pages, Unlinked unlinked, Preemptible here) {
    std::uint64_t number = 0;
    const bool ask_others = !arch::kTlbFlushReachesAllCpus || unlinked == Unlinked::tables_too;
    const CpuMask waiting_for = start(first, pages, ask_others, number, here);
    for (std::uint32_t cpu = 0; waiting_for >> cpu != 0; ++cpu) {
        while ((waiting_for >> cpu & 1) != 0 &&
               acknowledged.of(cpu).number.load(std::memory_order_acquire) < number) {
            arch::spin_hint();
        }
    }
}

void handle_shootdown(IrqsDisabled irqs) {
    std::atomic<std::uint64_t>& mine = acknowledged.this_cpu(irqs).number;
    const std::uint64_t wanted = ring.last();
    std::uint64_t done = mine.load(std::memory_order_relaxed);
    if (wanted - done > ring.kSlots) {
        arch::flush_tlb_all();
        done = wanted;
    }
    while (done != wanted) {
        serve(++done);
    }
    mine.store(wanted, std::memory_order_release);
}

void defer_free(VirtAddr page, PhysAddr frame, IrqsDisabled irqs) {
    arch::flush_tlb_page(page);
    SpinlockHeld held{deferred_lock, irqs};
    deferred_frames.push(frame);
}

void free_deferred_frames(Preemptible here) {
    FrameList taken;
    {
        IrqsOff irqs{here, window<0>};
        SpinlockHeld held{deferred_lock, irqs};
        std::swap(taken, deferred_frames);
    }
    if (!taken.empty()) {
        // Any number of pages over kMostSinglePages: everything is forgotten.
        shootdown_and_wait({0}, PageCount(kMostSinglePages + 1), Unlinked::tables_too, here);
        free_frame_list(taken, here);
    }
}

void free_frame_list(FrameList& list, Preemptible here) {
    while (!list.empty()) {
        free_frame(list.pop(), here);
    }
}

}  // namespace fathom::mm
