// GIC version 2: one distributor for up to 8 CPUs, one CPU interface at an address that each CPU
// sees as its own (IHI 0048).
//
// Owns:    both register banks.
// Context: see gic.hpp.

#include "gic.hpp"
#include "gic_distributor.hpp"

namespace fathom::arch::gic::v2 {
namespace {

enum CpuInterfaceRegister : std::uint64_t {
    cpu_control = 0x00,
    cpu_priority_mask = 0x04,
    cpu_acknowledge = 0x0c,
    cpu_end = 0x10,
};
constexpr std::uint32_t kEnableBothGroups = 3;
/// Acknowledge group 1 by the ordinary register where we are the secure side too (AckCtl).
constexpr std::uint32_t kAcknowledgeGroup1 = 1 << 2;

Registers distributor() { return Registers(PhysAddr{machine.facts.gic.ranges[0].address}); }
Registers cpu_interface() { return Registers(PhysAddr{machine.facts.gic.ranges[1].address}); }

/// For each CPU index the bit by which the distributor knows that CPU's interface. Each CPU writes
/// its own in init_cpu().
constinit std::uint8_t interface_bits[kMaxCpus]{};

}  // namespace

void init_distributor() {
    const Registers registers = distributor();
    registers.write32(dist_control, 0);
    const std::uint32_t count = interrupt_count(registers);
    for (std::uint32_t first = 32; first < count; first += 32) {
        reset_interrupts(registers, first);
    }
    registers.write32(dist_control, kEnableBothGroups);
}

void init_cpu(std::uint32_t cpu_index, HardwareCpuId) {
    reset_interrupts(distributor(), 0);
    // The targets of the CPU's own interrupts read as the CPU itself, where there are several.
    const auto self = static_cast<std::uint8_t>(distributor().read32(dist_target));
    interface_bits[cpu_index] = self != 0 ? self : std::uint8_t{1};
    for (const std::uint32_t interrupt :
         {sgi_reschedule, sgi_shootdown, sgi_stop, sgi_inspection}) {
        enable_private(interrupt);
    }
    cpu_interface().write32(cpu_priority_mask, kTakeAll);
    cpu_interface().write32(cpu_control, kEnableBothGroups | kAcknowledgeGroup1);
}

void enable_private(std::uint32_t interrupt) {
    distributor().write32(dist_enable, bit_of(interrupt));
}

void enable_shared(std::uint32_t interrupt) {
    distributor().write8(dist_target + interrupt, interface_bits[0]);
    distributor().write32(dist_enable + word_of(interrupt), bit_of(interrupt));
}

// The barrier: what an interrupt reports is read after the interrupt has been acknowledged. The
// sender's stores come before its write to the distributor (send()), but a load of ours that
// stands after the read of the register may be done before it (Arm ARM, B2.3: nothing orders two
// loads of different locations). With a number read ahead, handle_shootdown() would find nothing
// to do, and the interrupt that said so would be gone. ishld: loads wait for the load before.
std::uint32_t acknowledge() {
    const std::uint32_t acknowledged = cpu_interface().read32(cpu_acknowledge);
    asm volatile("dmb ishld" ::: "memory");
    return acknowledged;
}

void end(std::uint32_t acknowledged) { cpu_interface().write32(cpu_end, acknowledged); }

// The barrier orders ordinary stores before the store to the device.
void send(std::uint32_t cpu_index, SoftwareInterrupt interrupt) {
    asm volatile("dsb ishst" ::: "memory");
    constexpr std::uint32_t kAsGroup1 = 1 << 15;  // read as ours where we are the secure side
    distributor().write32(dist_software,
                          std::uint32_t{interface_bits[cpu_index]} << 16 | kAsGroup1 | interrupt);
}

}  // namespace fathom::arch::gic::v2
