// One deadline per CPU, in cycles of the time-stamp counter, kept by the local APIC's timer.
//
// QEMU's TCG has no TSC-deadline mode, so a deadline is turned into a count of APIC timer ticks by
// a 32.32 fixed-point factor. The count has 32 bits: a deadline further off is reached in several
// shots, and so is one that rounding made early.
//
// Owns:    arch/timer.hpp, native/local_timer.hpp.
// Context: atomic, interrupts off.

#include <native/local_timer.hpp>

#include <algorithm>

#include <arch/cpu_local.hpp>
#include <arch/irq.hpp>
#include <arch/timer.hpp>
#include <native/legacy_timer.hpp>
#include <native/local_apic.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint32_t kDivideByOne = 0xb;
constexpr std::uint32_t kLargestCount = ~std::uint32_t{0};
constexpr std::uint64_t kNever = ~std::uint64_t{0};

// Three measurements, half a millisecond together: the middle one is right even where a hypervisor
// took the CPU away in the midst of another.
constexpr std::uint16_t kInterval = kLegacyTimerHertz / 6000;
struct Measured {
    std::uint64_t cycles;
    std::uint32_t ticks;
};

// Set once by calibrate_timers(), constant afterwards.
constinit std::uint64_t cycles_in_a_second = 0;
constinit std::uint64_t ticks_per_cycle = 0;  // 32.32 fixed point

/// How many ticks to count for that many cycles: rounded up, at least 1, at most what fits.
std::uint32_t ticks_for(std::uint64_t cycles) {
    const auto ticks = static_cast<unsigned __int128>(cycles) * ticks_per_cycle >> 32;
    return ticks >= kLargestCount ? kLargestCount : static_cast<std::uint32_t>(ticks) + 1;
}

void start_countdown(std::uint64_t deadline) {
    const std::uint64_t now = read_cycles();
    write_apic(ApicRegister::timer_initial_count, ticks_for(deadline > now ? deadline - now : 0));
}

}  // namespace

std::uint64_t cycles_per_second() { return cycles_in_a_second; }

void arm_timer(std::uint64_t deadline) {
    this_cpu_local().timer_deadline = deadline;
    if (deadline == kNever) {
        write_apic(ApicRegister::timer_initial_count, 0);  // 0 stops it
    } else {
        start_countdown(deadline);
    }
}

bool timer_has_expired() {
    const std::uint64_t deadline = this_cpu_local().timer_deadline;
    if (deadline == kNever) {
        return false;  // disarmed while its interrupt was on the way
    }
    if (read_cycles() < deadline) {
        start_countdown(deadline);
        return false;
    }
    return true;
}

void init_local_timer() {
    write_apic(ApicRegister::timer_divide, kDivideByOne);
    write_apic(ApicRegister::timer, kTimerVector);  // bits 17-18 clear: one shot; not masked
    write_apic(ApicRegister::timer_initial_count, 0);
    this_cpu_local().timer_deadline = kNever;
}

Result<void> calibrate_timers() {
    Measured measured[3];
    for (Measured& each : measured) {
        start_legacy_interval(kInterval);
        write_apic(ApicRegister::timer_initial_count, kLargestCount);
        const std::uint64_t begin = read_cycles();
        if (!wait_for_legacy_interval()) {
            return Error::unsupported;
        }
        each.cycles = read_cycles() - begin;
        each.ticks = kLargestCount - read_apic(ApicRegister::timer_current_count);
    }
    write_apic(ApicRegister::timer_initial_count, 0);
    const auto shorter = [](const Measured& a, const Measured& b) { return a.cycles < b.cycles; };
    const auto [least, most] = std::minmax({measured[0], measured[1]}, shorter);
    const Measured middle = std::clamp(measured[2], least, most, shorter);
    if (middle.cycles == 0 || middle.ticks == 0) {
        return Error::unsupported;
    }
    cycles_in_a_second = middle.cycles * kLegacyTimerHertz / kInterval;
    ticks_per_cycle = (std::uint64_t{middle.ticks} << 32) / middle.cycles;
    return {};
}

void spin_for_microseconds(unsigned microseconds) {
    const std::uint64_t end = read_cycles() + cycles_in_a_second * microseconds / 1'000'000;
    while (read_cycles() < end) {
        spin_hint();  // lets the other CPUs run where QEMU takes turns between them
    }
}

}  // namespace fathom::arch
