// Ending the machine, by whatever it listens to.
//
// Owns:    power_off().
// Context: any.

#include <arch/power.hpp>

#include <native/instructions.hpp>
#include <native/serial.hpp>

namespace fathom::arch {

void power_off(ExitStatus status) {
    // QEMU's isa-debug-exit, where the command line puts it. Its exit status is (value << 1) | 1;
    // the 16 keeps ours apart from those that QEMU has for its own troubles.
    constexpr std::uint16_t kDebugExitPort = 0xf4;
    constexpr std::uint8_t kOffset = 16;
    // ACPI's PM1a control register on QEMU's pc and q35: sleep type 0 (S5), sleep enable.
    constexpr std::uint16_t kPowerManagementPort = 0x604;
    constexpr std::uint16_t kSleepNow = 0x2000;

    drain_serial();
    write_port8(kDebugExitPort, static_cast<std::uint8_t>(static_cast<unsigned>(status) + kOffset));
    write_port16(kPowerManagementPort, kSleepNow);
    halt_forever();
}

}  // namespace fathom::arch
