// The local APIC's registers, and commands to other CPUs through it.
//
// Owns:    native/local_apic.hpp.
// Context: as said there.

#include <native/local_apic.hpp>

#include <arch/irq.hpp>
#include <native/instructions.hpp>
#include <native/physical_registers.hpp>
#include <native/platform.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {
namespace {

constexpr std::uint32_t kMasked = 1u << 16;
constexpr std::uint32_t kDeliverAsNmi = 0x400;
constexpr std::uint32_t kSoftwareEnable = 1u << 8;
constexpr std::uint32_t kCommandPending = 1u << 12;

constexpr std::uint64_t kApicEnabled = 1u << 11;
constexpr std::uint64_t kX2ApicMode = 1u << 10;

volatile std::uint32_t* reg(ApicRegister which) {
    return physical_register(platform().local_apic + static_cast<std::uint32_t>(which));
}

/// Leaves x2APIC mode, if the firmware chose it, by way of "disabled": there is no other (SDM vol.
/// 3A, 11.12.5).
void enter_xapic_mode() {
    const std::uint64_t base = read_msr(kMsrApicBase);
    if ((base & kX2ApicMode) != 0) {
        write_msr(kMsrApicBase, base & ~(kApicEnabled | kX2ApicMode));
    }
    write_msr(kMsrApicBase, (base & ~kX2ApicMode) | kApicEnabled);
}

void wait_until_sent() {
    while ((*reg(ApicRegister::command_low) & kCommandPending) != 0) {
        spin_hint();
    }
}

}  // namespace

std::uint32_t read_apic(ApicRegister which) { return *reg(which); }
void write_apic(ApicRegister which, std::uint32_t value) { *reg(which) = value; }

void init_local_apic() {
    enter_xapic_mode();
    write_apic(ApicRegister::spurious, kSoftwareEnable | kSpuriousVector);
    write_apic(ApicRegister::task_priority, 0);
    write_apic(ApicRegister::thermal, kMasked);
    write_apic(ApicRegister::performance, kMasked);
    write_apic(ApicRegister::error, kMasked);
    write_apic(ApicRegister::pin0, kMasked);
    write_apic(ApicRegister::pin1, kDeliverAsNmi);  // the machine's NMI line (and QEMU's `nmi`)
}

// The destination and the command are two registers. An interrupt between the two writes may send a
// command of its own; each sender puts the destination back as it found it, so the interrupted
// one's command still goes where it should.
void send_apic_command(std::uint32_t apic_id, ApicCommand command, std::uint32_t vector) {
    wait_until_sent();
    const std::uint32_t interrupted = read_apic(ApicRegister::command_high);
    write_apic(ApicRegister::command_high, apic_id << 24);
    write_apic(ApicRegister::command_low, static_cast<std::uint32_t>(command) | vector);
    wait_until_sent();
    write_apic(ApicRegister::command_high, interrupted);
}

}  // namespace fathom::arch
