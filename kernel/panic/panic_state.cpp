// The claim and the stop.
//
// Context: any, interrupts off.

#include <panic/panic_state.hpp>

#include <atomic>

#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/timer.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

namespace {

constexpr std::uint32_t kNobody = ~0u;

constinit std::atomic<std::uint32_t> claimed_by = kNobody;
constinit std::atomic<CpuMask> stopped_cpus = 0;
/// Each written by its own CPU only.
constinit PanicCause causes[kMaxCpus];

/// How long to wait for the others: a fiftieth of a second, and at least so many looks (the timer
/// may not be calibrated yet).
constexpr std::uint64_t kWaitFraction = 50;
constexpr std::uint64_t kFewestLooks = 100'000;

}  // namespace

Claim claim_panic(std::uint32_t cpu) {
    std::uint32_t holder = kNobody;
    if (claimed_by.compare_exchange_strong(holder, cpu)) {
        return Claim::ours;
    }
    return holder == cpu ? Claim::again : Claim::anothers;
}

void note_stopped(std::uint32_t cpu) { stopped_cpus.fetch_or(CpuMask{1} << cpu); }

CpuMask stop_others(std::uint32_t cpu) {
    const CpuMask others = online_cpus() & ~(CpuMask{1} << cpu);
    if (others == 0) {
        return 0;
    }
    arch::stop_other_cpus(online_cpus());
    const std::uint64_t begin = arch::read_cycles();
    const std::uint64_t patience = arch::cycles_per_second() / kWaitFraction;
    for (std::uint64_t looks = 0;
         looks < kFewestLooks || arch::read_cycles() - begin < patience; ++looks) {
        if ((stopped_cpus.load() & others) == others) {
            break;
        }
        arch::spin_hint();
    }
    return stopped_cpus.load() & others;
}

PanicCause& noted_cause(std::uint32_t cpu) { return causes[cpu % kMaxCpus]; }

}  // namespace fathom
