// What a stack fault costs: touch a page twice and take the difference.
//
// Context: preemptible; the touching is done by an application thread.

#include <main/jobs/fault_cost.hpp>

#include <arch/stack_probe.hpp>
#include <arch/timer.hpp>
#include <mm/thread_stack.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

constexpr unsigned kTouches = 64;
/// Below the frames of the thread that touches.
constexpr std::uint64_t kFirstTouch = KiB(16);

[[gnu::always_inline]] inline std::uint64_t cycles_to_touch(volatile char* byte) {
    const std::uint64_t begin = arch::read_cycles();
    *byte = 0;
    return arch::read_cycles() - begin;
}

void touching_thread(Preemptible, void* argument) {
    auto& cost = *static_cast<FaultCost*>(argument);
    const mm::ThreadStack& stack = *current_thread().stack;
    const std::uint64_t first = align_down(arch::stack_pointer(), kPageSize) - kFirstTouch;
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < kTouches; ++i) {
        auto* const byte = VirtAddr{first - i * kPageSize}.as<volatile char>();
        const PageCount before = stack.populated();
        const std::uint64_t fresh = cycles_to_touch(byte);
        if (stack.populated() == before) {
            continue;
        }
        const std::uint64_t again = cycles_to_touch(byte);
        const std::uint64_t fault = fresh > again ? fresh - again : 0;
        cost.least = cost.faults == 0 || fault < cost.least ? fault : cost.least;
        sum += fault;
        ++cost.faults;
    }
    cost.average = cost.faults != 0 ? sum / cost.faults : 0;
}

}  // namespace

FaultCost measure_fault_cost(Preemptible here) {
    FaultCost cost;
    const auto thread =
        spawn_application<touching_thread>({.name = "touch", .stack_bytes = MiB(1)}, &cost, here);
    if (thread.ok()) {
        static_cast<void>(join_thread(*thread, here));
    }
    return cost;
}

}  // namespace fathom
