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

// Empties the running CPU's reserve. What it took is given back at once, to the allocator.
void drain_reserve(Preemptible here) {
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
}

constexpr unsigned kTouches = 64;

struct FaultTimes {
    std::uint64_t full = ~0ull;
    std::uint64_t dry = ~0ull;
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
    for (unsigned i = 0; i < kTouches; ++i) {
        page -= kPageSize;
        drain_reserve(here);
        times.dry = std::min(times.dry, time_touch(page) - empty);
    }
}

}  // namespace

void measure_stack_faults(Preemptible here) {
    FaultTimes times;
    const auto thread = spawn_application<toucher>({.name = "toucher"}, &times, here);
    if (thread.ok()) {
        static_cast<void>(join_thread(*thread, here));
        print_figure("stack_fault", times.full, "instructions");
        print_figure("stack_fault_dry", times.dry, "instructions");
    }
}

}  // namespace fathom
