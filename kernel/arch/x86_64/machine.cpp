// The devices of the whole machine: interrupt controllers, the clock's speed, console input.
//
// Owns:    init_machine().
// Context: boot CPU, once, interrupts off.

#include <arch/cpu_local.hpp>

#include <native/instructions.hpp>
#include <native/io_apic.hpp>
#include <native/local_timer.hpp>
#include <native/serial.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint8_t kSerialInterrupt = 4;  // COM1's, on every PC

}  // namespace

// The machine runs without console input, so a serial line that no I/O APIC takes is no error.
Result<void> init_machine(const BootInfo&) {
    mask_all_io_apics();
    if (auto done = calibrate_timers(); !done.ok()) {
        return done;
    }
    if (route_isa_interrupt(kSerialInterrupt, kConsoleVector, this_cpu_local().apic_id).ok()) {
        enable_serial_interrupt();
    }
    return {};
}

}  // namespace fathom::arch
