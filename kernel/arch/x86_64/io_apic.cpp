// The I/O APIC: which device interrupts which CPU (Intel 82093AA data sheet).
//
// Owns:    native/io_apic.hpp.
// Context: boot CPU, interrupts off.

#include <native/io_apic.hpp>

#include <native/physical_registers.hpp>
#include <native/platform.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kFirstRedirection = 0x10;
constexpr std::uint32_t kMasked = 1u << 16;
constexpr std::uint32_t kLevelTriggered = 1u << 15;
constexpr std::uint32_t kActiveLow = 1u << 13;

// Two registers: one selects, the other reads or writes what was selected.
volatile std::uint32_t* selector(const IoApic& io_apic) {
    return physical_register(io_apic.address);
}
volatile std::uint32_t* window(const IoApic& io_apic) {
    return physical_register(io_apic.address + 0x10);
}
std::uint32_t read_io_apic(const IoApic& io_apic, std::uint32_t number) {
    *selector(io_apic) = number;
    return *window(io_apic);
}
void write_io_apic(const IoApic& io_apic, std::uint32_t number, std::uint32_t value) {
    *selector(io_apic) = number;
    *window(io_apic) = value;
}

std::uint32_t inputs_of(const IoApic& io_apic) {
    return (read_io_apic(io_apic, kVersion) >> 16 & 0xff) + 1;
}

/// How an ISA interrupt arrives: on the input of its own number, edge, active high, unless the MADT
/// says otherwise.
InterruptOverride wiring_of(std::uint8_t isa_interrupt) {
    const MadtFacts& facts = platform();
    for (std::size_t i = 0; i < facts.override_count; ++i) {
        if (facts.overrides[i].isa_interrupt == isa_interrupt) {
            return facts.overrides[i];
        }
    }
    return {.global_interrupt = isa_interrupt, .isa_interrupt = isa_interrupt};
}

}  // namespace

void mask_all_io_apics() {
    const MadtFacts& facts = platform();
    for (std::size_t i = 0; i < facts.io_apic_count; ++i) {
        const IoApic& io_apic = facts.io_apics[i];
        for (std::uint32_t input = 0; input < inputs_of(io_apic); ++input) {
            write_io_apic(io_apic, kFirstRedirection + 2 * input, kMasked);
        }
    }
}

Result<void> route_isa_interrupt(std::uint8_t isa_interrupt, std::uint32_t vector,
                                 std::uint32_t apic_id) {
    const InterruptOverride wiring = wiring_of(isa_interrupt);
    const MadtFacts& facts = platform();
    for (std::size_t i = 0; i < facts.io_apic_count; ++i) {
        const IoApic& io_apic = facts.io_apics[i];
        const std::uint32_t input = wiring.global_interrupt - io_apic.first_interrupt;
        if (wiring.global_interrupt < io_apic.first_interrupt || input >= inputs_of(io_apic)) {
            continue;
        }
        const std::uint32_t redirection = kFirstRedirection + 2 * input;
        write_io_apic(io_apic, redirection + 1, apic_id << 24);
        write_io_apic(io_apic, redirection,
                      vector | (wiring.level_triggered ? kLevelTriggered : 0) |
                          (wiring.active_low ? kActiveLow : 0));
        return {};
    }
    return Error::not_found;
}

}  // namespace fathom::arch
