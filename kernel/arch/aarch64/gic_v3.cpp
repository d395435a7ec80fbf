// GIC version 3: a distributor, a redistributor for each CPU, and a CPU interface in system
// registers (IHI 0069).
//
// Owns:    all three.
// Context: see gic.hpp.

#include "gic.hpp"
#include "gic_distributor.hpp"

#include <lib/assert.hpp>

#include "system_register.hpp"

namespace fathom::arch::gic::v3 {
namespace {

// Distributor control, seen from the only or from the non-secure world: both groups and affinity
// routing, which version 3 of the programmer's model needs.
constexpr std::uint32_t kEnableGroups = 3;
constexpr std::uint32_t kAffinityRouting = 1 << 4;
constexpr std::uint32_t kWritePending = 1u << 31;

// A redistributor has two frames of 64 KiB: its own registers, and those of the CPU's interrupts.
enum RedistributorRegister : std::uint64_t {
    redist_type = 0x08,
    redist_waker = 0x14,
    redist_interrupts = 0x10000,
};
constexpr std::uint64_t kVirtualFrames = 1 << 1;   // type: two frames more (GICv4)
constexpr std::uint64_t kLastOfRange = 1 << 4;     // type
constexpr std::uint32_t kProcessorSleep = 1 << 1;  // waker
constexpr std::uint32_t kChildrenAsleep = 1 << 2;  // waker

Registers distributor() { return Registers(PhysAddr{machine.facts.gic.ranges[0].address}); }

/// Aff3 (bits 39:32), Aff2, Aff1 and Aff0 of MPIDR_EL1: the hardware's name of a CPU.
constexpr std::uint64_t kAffinityMask = 0xff'00ff'ffff;

/// For each CPU index its affinity. Each CPU writes its own in init_cpu().
constinit HardwareCpuId affinities[kMaxCpus]{};

void wait_for_writes() {
    while ((distributor().read32(dist_control) & kWritePending) != 0) {
    }
}

/// GICR_TYPER has the affinity packed in its upper half: Aff3.Aff2.Aff1.Aff0.
std::uint32_t packed_affinity(HardwareCpuId id) {
    return static_cast<std::uint32_t>((id >> 32 & 0xff) << 24 | (id & 0xff'ffff));
}

/// The redistributor whose type names the CPU. That there is none is not survivable.
Registers find_redistributor(HardwareCpuId id) {
    const GicFacts& facts = machine.facts.gic;
    for (std::size_t range = 1; range < facts.range_count; ++range) {
        const DeviceRange& frames = facts.ranges[range];
        for (std::uint64_t at = 0; at < frames.size_bytes;) {
            const Registers found(PhysAddr{frames.address + at});
            const std::uint64_t type = found.read64(redist_type);
            if (type >> 32 == packed_affinity(id)) {
                return found;
            }
            if ((type & kLastOfRange) != 0) {
                break;
            }
            at += (type & kVirtualFrames) != 0 ? KiB(256) : KiB(128);
        }
    }
    PANIC("GICv3: no redistributor says that it belongs to CPU {}", id);
}

/// Says that this CPU takes interrupts, and waits until its redistributor has heard.
void wake(Registers redistributor) {
    redistributor.write32(redist_waker, redistributor.read32(redist_waker) & ~kProcessorSleep);
    while ((redistributor.read32(redist_waker) & kChildrenAsleep) != 0) {
    }
}

void init_cpu_interface() {
    FATHOM_WRITE_REGISTER(icc_sre_el1, 1);  // system registers, not memory
    synchronize_instructions();
    FATHOM_WRITE_REGISTER(icc_pmr_el1, kTakeAll);
    FATHOM_WRITE_REGISTER(icc_bpr1_el1, 0);
    FATHOM_WRITE_REGISTER(icc_ctlr_el1, 0);  // one write ends an interrupt
    FATHOM_WRITE_REGISTER(icc_igrpen1_el1, 1);
    synchronize_instructions();
}

}  // namespace

void init_distributor() {
    const Registers registers = distributor();
    registers.write32(dist_control, 0);
    wait_for_writes();
    const std::uint32_t count = interrupt_count(registers);
    for (std::uint32_t first = 32; first < count; first += 32) {
        reset_interrupts(registers, first);
    }
    registers.write32(dist_control, kAffinityRouting);  // before any group is on
    wait_for_writes();
    registers.write32(dist_control, kAffinityRouting | kEnableGroups);
    wait_for_writes();
}

void init_cpu(std::uint32_t cpu_index, HardwareCpuId id) {
    affinities[cpu_index] = id;
    const Registers redistributor = find_redistributor(id);
    wake(redistributor);
    reset_interrupts(redistributor.at_offset(redist_interrupts), 0);
    for (const std::uint32_t interrupt :
         {sgi_reschedule, sgi_shootdown, sgi_stop, sgi_inspection}) {
        enable_private(interrupt);
    }
    init_cpu_interface();
}

void enable_private(std::uint32_t interrupt) {
    const HardwareCpuId self = FATHOM_READ_REGISTER(mpidr_el1) & kAffinityMask;
    const Registers interrupts = find_redistributor(self).at_offset(redist_interrupts);
    interrupts.write32(dist_enable, bit_of(interrupt));
}

void enable_shared(std::uint32_t interrupt) {
    distributor().write64(dist_route + interrupt * 8, affinities[0]);
    distributor().write32(dist_enable + word_of(interrupt), bit_of(interrupt));
}

// The barriers: what the interrupt means to report is visible before it is taken (IHI 0069, 4.1.1),
// and what the handler reads comes after.
std::uint32_t acknowledge() {
    const std::uint64_t acknowledged = FATHOM_READ_REGISTER(icc_iar1_el1);
    asm volatile("dsb sy" ::: "memory");
    return static_cast<std::uint32_t>(acknowledged);
}

void end(std::uint32_t acknowledged) {
    FATHOM_WRITE_REGISTER(icc_eoir1_el1, acknowledged);
    synchronize_instructions();
}

// Affinities 3 to 1, and a bit for each of 16 CPUs by affinity 0; the range selector says which 16.
void send(std::uint32_t cpu_index, SoftwareInterrupt interrupt) {
    const HardwareCpuId id = affinities[cpu_index];
    const std::uint64_t aff0 = id & 0xff;
    const std::uint64_t request = (id >> 32 & 0xff) << 48 | (id >> 16 & 0xff) << 32 |
                                  (id >> 8 & 0xff) << 16 | (aff0 >> 4) << 44 |
                                  std::uint64_t{interrupt} << 24 | 1ull << (aff0 & 15);
    asm volatile("dsb ishst" ::: "memory");
    FATHOM_WRITE_REGISTER(icc_sgi1r_el1, request);
    synchronize_instructions();
}

}  // namespace fathom::arch::gic::v3
