// The machine's facts, and which device windows follow from them.
//
// Context: see machine.hpp and arch/device_windows.hpp.

#include "machine.hpp"

#include <algorithm>
#include <array>

#include <arch/cpu_local.hpp>
#include <arch/device_windows.hpp>
#include <arch/timer.hpp>
#include <lib/assert.hpp>

#include "console.hpp"
#include "gic.hpp"

namespace fathom::arch {
namespace {

constexpr DeviceRange kVirtUart{.address = 0x900'0000, .size_bytes = 0x1000};

/// A redistributor takes 128 KiB, or 256 KiB with GICv4's frames; more than kMaxCpus are not used.
constexpr std::uint64_t kRedistributorBytes = KiB(256);

constinit std::array<DeviceWindow, 1 + GicFacts::kMaxRanges> windows{};

}  // namespace

constinit Machine machine = [] {
    Machine early{};
    early.facts.uart = kVirtUart;
    return early;
}();

std::span<const DeviceWindow> device_windows() {
    std::size_t count = 0;
    const auto add = [&](const DeviceRange& range, std::uint64_t most) {
        windows[count++] = {{range.address}, std::min(range.size_bytes, most)};
    };
    const MachineFacts& facts = machine.facts;
    if (facts.uart.size_bytes != 0) {
        add(facts.uart, facts.uart.size_bytes);
    }
    for (std::size_t i = 0; i < facts.gic.range_count; ++i) {
        add(facts.gic.ranges[i], kMaxCpus * kRedistributorBytes);
    }
    return {windows.data(), count};
}

Result<void> init_machine(const BootInfo&) {
    if (machine.facts.gic.version == 0) {
        return Error::unsupported;
    }
    // Firmware tells software by it what the hardware does not; at reset it is UNKNOWN (Arm ARM,
    // CNTFRQ_EL0), and 0 where firmware has forgotten it. QEMU refuses to be such a machine.
    ASSERT(cycles_per_second() >= kSlowestCounter,
           "firmware has not set cntfrq_el0, the timer's frequency: it reads {} Hz",
           cycles_per_second());
    init_console_input();
    return {};
}

}  // namespace fathom::arch
