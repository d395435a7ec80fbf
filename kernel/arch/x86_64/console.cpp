// The console is COM1: output polled, input by interrupt (16550D data sheet).
//
// Owns:    COM1.
// Context: any; callers keep lines apart.

#include <arch/console.hpp>

#include <arch/irq.hpp>
#include <native/instructions.hpp>
#include <native/serial.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint16_t kCom1 = 0x3f8;
constexpr std::uint16_t kData = kCom1;
constexpr std::uint16_t kInterruptEnable = kCom1 + 1;
constexpr std::uint16_t kFifoControl = kCom1 + 2;
constexpr std::uint16_t kLineControl = kCom1 + 3;
constexpr std::uint16_t kModemControl = kCom1 + 4;
constexpr std::uint16_t kLineStatus = kCom1 + 5;

constexpr std::uint8_t kDivisorLatch = 0x80;
constexpr std::uint8_t kEightBitsNoParity = 0x03;
constexpr std::uint8_t kFifosOnAndEmpty = 0x07;
constexpr std::uint8_t kReady = 0x03;            // DTR, RTS
constexpr std::uint8_t kInterruptsGoOut = 0x08;  // OUT2 gates the interrupt line

constexpr std::uint8_t kReceived = 1u << 0;
constexpr std::uint8_t kFifoEmpty = 1u << 5;
constexpr std::uint8_t kAllSent = 1u << 6;
constexpr std::uint8_t kNobodyThere = 0xff;  // what a port without a device reads as

constexpr std::size_t kFifoBytes = 16;

/// Waits for a status bit, but not for ever: a line that hangs must not hang a panic.
void wait_for(std::uint8_t bit) {
    constexpr unsigned kPatience = 1'000'000;
    for (unsigned i = 0; i < kPatience && (read_port8(kLineStatus) & bit) == 0; ++i) {
        spin_hint();
    }
}

}  // namespace

void init_serial() {
    write_port8(kInterruptEnable, 0);
    write_port8(kLineControl, kDivisorLatch);
    write_port8(kData, 1);  // divisor 1: 115200 baud
    write_port8(kInterruptEnable, 0);
    write_port8(kLineControl, kEightBitsNoParity);
    write_port8(kFifoControl, kFifosOnAndEmpty);
    write_port8(kModemControl, kReady);
}

void enable_serial_interrupt() {
    write_port8(kModemControl, kReady | kInterruptsGoOut);
    write_port8(kInterruptEnable, kReceived);
}

void drain_serial() { wait_for(kAllSent); }

// An empty FIFO takes 16 bytes without asking again.
void console_write(std::string_view text) {
    for (std::size_t sent = 0; sent < text.size();) {
        wait_for(kFifoEmpty);
        for (std::size_t i = 0; i < kFifoBytes && sent < text.size(); ++i, ++sent) {
            write_port8(kData, static_cast<std::uint8_t>(text[sent]));
        }
    }
}

int console_read() {
    const std::uint8_t status = read_port8(kLineStatus);
    if (status == kNobodyThere || (status & kReceived) == 0) {
        return -1;
    }
    return read_port8(kData);
}

}  // namespace fathom::arch
