// The serial line: an Arm PrimeCell UART, PL011 (DDI 0183, chapter 3).
//
// Owns:    its registers. Baud rate and line format stay as firmware left them.
// Context: see arch/console.hpp and console.hpp.

#include "console.hpp"

#include <arch/console.hpp>
#include <arch/irq.hpp>

#include "gic.hpp"
#include "machine.hpp"
#include "mmio.hpp"

namespace fathom::arch {
namespace {

enum UartRegister : std::uint64_t {
    uart_data = 0x00,
    uart_flags = 0x18,
    uart_line_control = 0x2c,
    uart_control = 0x30,
    uart_interrupt_mask = 0x38,
    uart_interrupt_clear = 0x44,
};
constexpr std::uint32_t kSending = 1 << 3;                 // flags: BUSY, until the last stop bit
constexpr std::uint32_t kReceiveEmpty = 1 << 4;            // flags
constexpr std::uint32_t kTransmitFull = 1 << 5;            // flags
constexpr std::uint32_t kFifos8Bits = 1 << 4 | 3 << 5;     // line control
constexpr std::uint32_t kEnable = 1 | 1 << 8 | 1 << 9;     // control: UART, transmit, receive
constexpr std::uint32_t kReceiveEvents = 1 << 4 | 1 << 6;  // interrupts: level reached, timeout

bool present() { return machine.facts.uart.size_bytes != 0; }
Registers uart() { return Registers(PhysAddr{machine.facts.uart.address}); }

/// Waits until a flag has fallen, but not for ever: a line that hangs must not hang a panic.
void wait_while(Registers registers, std::uint32_t flag) {
    constexpr unsigned kPatience = 1'000'000;
    for (unsigned i = 0; i < kPatience && (registers.read32(uart_flags) & flag) != 0; ++i) {
        spin_hint();
    }
}

}  // namespace

void console_write(std::string_view text) {
    if (!present()) {
        return;
    }
    const Registers registers = uart();
    for (const char byte : text) {
        wait_while(registers, kTransmitFull);
        registers.write32(uart_data, static_cast<unsigned char>(byte));
    }
}

void drain_console() {
    if (present()) {
        wait_while(uart(), kSending);
    }
}

int console_read() {
    if (!present() || (uart().read32(uart_flags) & kReceiveEmpty) != 0) {
        return -1;
    }
    return static_cast<int>(uart().read32(uart_data) & 0xff);
}

void init_console_input() {
    if (!present() || machine.facts.uart_interrupt == 0) {
        return;
    }
    const Registers registers = uart();
    registers.write32(uart_line_control, kFifos8Bits);
    registers.write32(uart_control, kEnable);
    registers.write32(uart_interrupt_mask, kReceiveEvents);
    gic::enable_shared(machine.facts.uart_interrupt);
}

void acknowledge_console_interrupt() { uart().write32(uart_interrupt_clear, kReceiveEvents); }

}  // namespace fathom::arch
