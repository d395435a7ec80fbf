// The frame reserve: zeroed frames that a CPU keeps ready for stack faults.
//
// A stack fault cannot wait for the allocator, let alone zero a page in its 190 instructions. So
// each CPU keeps some frames zeroed ahead, for the page itself and for up to three page-table
// pages. A kernel thread above all applications fills it up again (sched/memory_refill.cpp).
//
// Owns:    FrameReserve, one per CPU, written only by that CPU with interrupts off.
// Context: interrupts off; refill_reserve() is preemptible.
// Story:   thread_stack.cpp takes; when it runs low the upcall wakes who refills.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <context/per_cpu.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/failure_injection.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// Upcall: defined in sched/memory_refill.cpp. The running CPU's reserve is low: see to it that
/// refill_reserve() runs on this CPU soon. Asked once for each time that it runs low.
/// Context: exception stack or atomic, interrupts off.
void request_reserve_refill(IrqsDisabled);

/// A CPU's zeroed frames, last in, first out. A power of two in size: a shift leads to a CPU's.
class alignas(512) FrameReserve {
public:
    /// What a refill aims at.
    static constexpr std::uint32_t kTarget = 32;
    /// Below this a refill is asked for.
    static constexpr std::uint32_t kLowWater = kReserveLowWater;
    /// What one fault can need: a page and three levels of tables.
    static constexpr std::uint32_t kMostPerFault = 4;

    constexpr FrameReserve() = default;

    static FrameReserve& this_cpu(IrqsDisabled irqs) { return reserves_.this_cpu(irqs); }
    /// Another CPU's: only count(), handed_out() and stack_faults() may be asked from outside.
    static const FrameReserve& of(std::uint32_t cpu_index) { return reserves_.of(cpu_index); }

    /// A zeroed frame in a few instructions. Where the reserve is dry, one from the allocator,
    /// zeroed here and now; {0} when there is none at all.
    /// Context: atomic, interrupts off.
    [[gnu::always_inline]] PhysAddr take(IrqsDisabled irqs) {
        if (count_ <= kLowWater) [[unlikely]] {
            return take_low(irqs);
        }
        return frames_[count_--];
    }

    /// Whether a frame lies ready, and which: for whoever needs it only if what is tried with it
    /// succeeds. take_peeked() makes it the caller's.
    /// Context: atomic, interrupts off.
    [[gnu::always_inline]] bool has_plenty(IrqsDisabled) const {
        return count_ > detail::take_slowly_up_to;
    }
    [[gnu::always_inline]] PhysAddr peek(IrqsDisabled) const { return frames_[count_]; }
    [[gnu::always_inline]] void take_peeked(IrqsDisabled) { --count_; }

    /// Puts back a frame that take() gave and that is still all zeros.
    /// Context: atomic, interrupts off.
    void give_back(PhysAddr frame, IrqsDisabled irqs);

    /// Whether a refill has something to do.
    /// Context: any.
    bool needs_refill() const { return count_ < kTarget; }
    std::uint32_t count() const { return count_; }

    /// Counts a stack fault that this CPU has served. 64 bits: never wraps.
    [[gnu::always_inline]] void count_stack_fault() { ++stack_faults_; }
    std::uint64_t stack_faults() const { return stack_faults_; }
    /// The same of a range's page. Both together say whether faults get what they wait for.
    void count_range_fault() { ++range_faults_; }
    std::uint64_t faults_served() const { return stack_faults_ + range_faults_; }

private:
    friend bool refill_reserve(Preemptible);
    friend Result<void> init_reserve(std::uint32_t cpu_index, IrqsDisabled irqs);
    friend void drop_reserve(std::uint32_t cpu_index, IrqsDisabled irqs);

    friend class HoldRefills;

    PhysAddr take_low(IrqsDisabled irqs);
    /// Adds a zeroed frame; false when it is full.
    bool add(PhysAddr frame);

    std::array<PhysAddr, kTarget + 1> frames_{};  ///< from 1 to count_; [0] is unused
    std::uint64_t stack_faults_ = 0;
    std::uint32_t count_ = 0;
    bool refill_requested_ = false;  ///< since it last ran low; cleared when it is full again
    std::uint64_t range_faults_ = 0;

    static PerCpu<FrameReserve> reserves_;
    static std::atomic<bool> refills_held_;
};
static_assert(sizeof(FrameReserve) == 512);

/// Fills the running CPU's reserve up to kTarget, zeroing in preemptible context. False when memory
/// ran out before it was full.
/// Context: preemptible, may fault.
bool refill_reserve(Preemptible);

/// While it lives no CPU asks for a refill on running low: for tests and figures of what happens
/// with the reserve dry. A thread that waits for memory is still served.
class [[nodiscard]] HoldRefills {
public:
    /// Context: any; one at a time.
    HoldRefills() { FrameReserve::refills_held_.store(true, std::memory_order_relaxed); }
    /// Who takes the next frame of a low reserve asks for the refill.
    ~HoldRefills() { FrameReserve::refills_held_.store(false, std::memory_order_relaxed); }
    HoldRefills(const HoldRefills&) = delete;
    HoldRefills& operator=(const HoldRefills&) = delete;
};

/// The first filling, for a CPU that is being set up.
/// Errors: out_of_memory; what was there is in the reserve.
/// Context: atomic, interrupts off; before the CPU runs.
Result<void> init_reserve(std::uint32_t cpu_index, IrqsDisabled irqs);

/// Gives back the frames of a CPU that will never run.
/// Context: atomic, interrupts off.
void drop_reserve(std::uint32_t cpu_index, IrqsDisabled irqs);

/// Stack faults served since boot, all CPUs together.
/// Context: any.
std::uint64_t stack_faults_served();

}  // namespace fathom::mm
