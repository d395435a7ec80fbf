// What growing costs a program that goes 64 KiB deep: once, again, and each time after its stack
// has been trimmed.

#include <figures/measure.hpp>

#include <kernel/support/deep.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sched/trim.hpp>

namespace fathom {
namespace {

constexpr unsigned kFrames = 33;  // 34 frames of 1.9 KiB: 64 KiB

struct DeepTimes {
    std::uint64_t first = 0;
    std::uint64_t again = 0;
    std::uint64_t trimmed = 0;
    std::uint64_t trim_page = 0;
};

std::uint64_t time_going_down() {
    const std::uint64_t begin = arch::read_cycles();
    static_cast<void>(sum_down(kFrames));
    return arch::read_cycles() - begin;
}

void diver(Preemptible here, void* argument) {
    auto& times = *static_cast<DeepTimes*>(argument);
    times.first = time_going_down();
    times.again = time_going_down();
    sleep_for(2 * 1'000'000, here);  // the reserve is filled up again
    const ThreadId self = current_thread().id();
    const std::uint64_t begin = arch::read_cycles();
    const Result<PageCount> pages = trim_thread(self, here);
    const std::uint64_t trimming = arch::read_cycles() - begin;
    times.trim_page = pages.ok() && pages->value != 0 ? trimming / pages->value : 0;
    times.trimmed = time_going_down();
}

}  // namespace

void measure_deep_calls(Preemptible here) {
    sleep_for(2 * 1'000'000, here);
    DeepTimes times;
    const auto thread = spawn_application<diver>({.name = "diver"}, &times, here);
    if (!thread.ok()) {
        return;
    }
    static_cast<void>(join_thread(*thread, here));
    print_cycles("deep_64k_first", times.first);
    print_cycles("deep_64k_again", times.again);
    print_cycles("deep_64k_after_trim", times.trimmed);
    if (times.trim_page != 0) {
        print_cycles("trim_per_page", times.trim_page);
    }
}

}  // namespace fathom
