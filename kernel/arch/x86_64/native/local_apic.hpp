// x86_64: the local APIC, in xAPIC mode (SDM vol. 3A, chapter 11).
//
// Owns:    its registers. Reached through the direct map: arch/device_windows.hpp lists the page.
// Context: each says; all of it concerns the running CPU's own.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// Registers by their offset in bytes.
enum class ApicRegister : std::uint32_t {
    id = 0x20,
    task_priority = 0x80,
    end_of_interrupt = 0xb0,
    spurious = 0xf0,
    command_low = 0x300,
    command_high = 0x310,
    timer = 0x320,
    thermal = 0x330,
    performance = 0x340,
    pin0 = 0x350,
    pin1 = 0x360,
    error = 0x370,
    timer_initial_count = 0x380,
    timer_current_count = 0x390,
    timer_divide = 0x3e0,
};

/// Context: any.
std::uint32_t read_apic(ApicRegister which);
void write_apic(ApicRegister which, std::uint32_t value);

/// Turns the local APIC on, with every source of its own masked.
/// Context: once per CPU, interrupts off.
void init_local_apic();

/// Says that the interrupt being handled is done with; the next may be delivered.
/// Context: trap stack, interrupts off.
inline void end_of_interrupt() { write_apic(ApicRegister::end_of_interrupt, 0); }

/// What an interrupt command does; bits 8-15 of the command's low half.
enum class ApicCommand : std::uint32_t {
    fixed = 0x4000,  ///< the vector in bits 0-7
    nmi = 0x4400,
    init = 0x4500,
    startup = 0x4600,  ///< bits 0-7: the page at which to start in real mode
};

/// Sends a command to the CPU with that APIC id and waits until it is out.
/// Context: atomic, or on a thread that stays on its CPU, or panic.
void send_apic_command(std::uint32_t apic_id, ApicCommand command, std::uint32_t vector);

}  // namespace fathom::arch
