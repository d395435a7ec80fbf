// The machine's interrupt controllers, and the windows of registers that the page tables must map.
//
// Owns:    native/platform.hpp, device_windows().
// Context: any; constant from kernel_main on.

#include <native/platform.hpp>

#include <arch/device_windows.hpp>

namespace fathom::arch {
namespace {

constinit MadtFacts facts = {};
constinit DeviceWindow windows[1 + MadtFacts::kMaxIoApics] = {};

}  // namespace

const MadtFacts& platform() { return facts; }

void set_platform(const MadtFacts& found) {
    facts = found;
    windows[0] = {facts.local_apic, kPageSize};
    for (std::size_t i = 0; i < facts.io_apic_count; ++i) {
        windows[1 + i] = {facts.io_apics[i].address, kPageSize};
    }
}

std::span<const DeviceWindow> device_windows() { return {windows, 1 + facts.io_apic_count}; }

}  // namespace fathom::arch
