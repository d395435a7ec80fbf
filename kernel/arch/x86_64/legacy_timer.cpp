// Counting down on the PIT's channel 0 (Intel 8254 data sheet; mode 0: the output rises at zero).
//
// Channel 2 is the usual choice, but its gate hangs on port 0x61, which small machines (QEMU's
// microvm) do not have.
//
// Owns:    native/legacy_timer.hpp.
// Context: boot CPU, interrupts off.

#include <native/legacy_timer.hpp>

#include <native/instructions.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint16_t kChannel0 = 0x40;
constexpr std::uint16_t kCommand = 0x43;
constexpr std::uint8_t kChannel0Mode0 = 0x30;  // low byte then high byte, binary
constexpr std::uint8_t kLatchStatus0 = 0xe2;
constexpr std::uint8_t kOutputHigh = 1u << 7;
constexpr std::uint8_t kNotCountingYet = 1u << 6;

/// Reads before we give up: each takes about a microsecond on a real machine.
constexpr unsigned kPatience = 1'000'000;

}  // namespace

void start_legacy_interval(std::uint16_t ticks) {
    write_port8(kCommand, kChannel0Mode0);
    write_port8(kChannel0, static_cast<std::uint8_t>(ticks));
    write_port8(kChannel0, static_cast<std::uint8_t>(ticks >> 8));
}

// A port with nothing behind it reads as all ones, which is "not counting yet" for ever.
bool wait_for_legacy_interval() {
    for (unsigned i = 0; i < kPatience; ++i) {
        write_port8(kCommand, kLatchStatus0);
        if ((read_port8(kChannel0) & (kOutputHigh | kNotCountingYet)) == kOutputHigh) {
            return true;
        }
    }
    return false;
}

}  // namespace fathom::arch
