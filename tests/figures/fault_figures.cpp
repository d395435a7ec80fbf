// A stack fault, from the faulting instruction to its retry.

#include <figures/measure.hpp>

#include <algorithm>

#include <arch/stack_probe.hpp>
#include <context/atomic_scope.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

// Touches the page and returns what it took, reading the counter right before and after.
std::uint64_t time_touch(std::uint64_t address) {
    const std::uint64_t begin = arch::read_cycles();
    static_cast<void>(*reinterpret_cast<volatile std::uint8_t*>(address));
    return arch::read_cycles() - begin;
}

void wait_for_full_reserve(Preemptible here) {
    sleep_for(2 * 1'000'000, here);
    mm::refill_reserve(here);
}

// Empties the running CPU's reserve, and its cache of frames: the next one comes from the buddy
// system.
void drain(Preemptible here) {
    std::array<PhysAddr, mm::FrameReserve::kTarget> taken;
    std::uint32_t count = 0;
    {
        IrqsOff atomic{here, window<1024>};
        auto& reserve = mm::FrameReserve::this_cpu(atomic);
        while (reserve.count() != 0 && count < taken.size()) {
            taken[count++] = reserve.take(atomic);
        }
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        mm::free_frame(taken[i], here);
    }
    mm::drain_frame_caches(here);
}

bool is_dry(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    return mm::FrameReserve::this_cpu(atomic).count() == 0;
}

// The dry spell of a thread that grows faster than the reserve is filled up: every frame comes from
// the buddy system. 0 if one did not.
std::uint64_t time_dry_touches(std::uint64_t page, std::uint64_t empty, Preemptible here) {
    const mm::HoldRefills hold;
    drain(here);
    Samples samples;
    for (std::uint64_t& sample : samples) {
        page -= kPageSize;
        sample = time_touch(page) - empty;
    }
    return is_dry(here) ? median(samples) : 0;
}

struct FaultTimes {
    std::uint64_t full = ~0ull;
    std::uint64_t dry = 0;
};

void toucher(Preemptible here, void* argument) {
    auto& times = *static_cast<FaultTimes*>(argument);
    const std::uint64_t empty = empty_pair();
    std::uint64_t page = align_down(arch::stack_pointer(), kPageSize) - 16 * kPageSize;
    time_touch(page);  // the page-table page is there from here on
    wait_for_full_reserve(here);
    for (unsigned i = 0; i < 8; ++i) {
        page -= kPageSize;
        times.full = std::min(times.full, time_touch(page) - empty);
    }
    times.dry = time_dry_touches(page, empty, here);
}

}  // namespace

void measure_stack_faults(Preemptible here) {
    FaultTimes times;
    const auto thread = spawn_application<toucher>({.name = "toucher"}, &times, here);
    if (thread.ok()) {
        static_cast<void>(join_thread(*thread, here));
        print_cycles("stack_fault", times.full);
        print_cycles("stack_fault_dry", times.dry);
    }
}

}  // namespace fathom
