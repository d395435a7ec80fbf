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

/// The two 8259s, moved off the exceptions and masked (Intel 8259A data sheet: four words each).
void silence_legacy_pics() {
    constexpr std::uint16_t kFirst = 0x20;
    constexpr std::uint16_t kSecond = 0xa0;
    for (const std::uint16_t port : {kFirst, kSecond}) {
        const bool first = port == kFirst;
        write_port8(port, 0x11);  // begin, cascaded, four words
        write_port8(port + 1, static_cast<std::uint8_t>(kLegacyPicVector + (first ? 0 : 8)));
        write_port8(port + 1, first ? 4 : 2);  // the second hangs on the first's input 2
        write_port8(port + 1, 1);              // 8086 mode
        write_port8(port + 1, 0xff);           // all masked
    }
}

}  // namespace

// The machine runs without console input, so a serial line that no I/O APIC takes is no error.
Result<void> init_machine(const BootInfo&) {
    silence_legacy_pics();
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
