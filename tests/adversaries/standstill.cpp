// How CPUs come to a standstill and go on.
//
// The leader waits with interrupts off. That cannot go wrong: a CPU that it waits for has them off
// for a while at most, and never waits for another CPU meanwhile but in a spinlock, whose holder is
// neither the leader nor waits for it.
//
// Context: trap stack, interrupts off.

#include <adversaries/standstill.hpp>

#include <array>
#include <atomic>

#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/tlb.hpp>
#include <context/online_cpus.hpp>
#include <lib/proof_fact.h>
#include <sched/trap_dispatch.hpp>

namespace fathom {
namespace {

constexpr std::uint32_t kNobody = ~0u;

constinit std::array<StoppedCpu, kMaxCpus> stopped_cpus{};
constinit std::atomic<std::uint32_t> leader = kNobody;
constinit std::atomic<CpuMask> arrived = 0;
constinit std::atomic<std::uint64_t> begun = 0;  ///< so many standstills have begun
constinit std::atomic<std::uint64_t> ended = 0;

void lead(std::uint32_t self, IrqsDisabled irqs) {
    const CpuMask others = online_cpus() & ~(CpuMask{1} << self);
    arrived.store(0, std::memory_order_relaxed);
    begun.fetch_add(1, std::memory_order_release);
    for (std::uint32_t cpu = 0; others >> cpu != 0; ++cpu) {
        if ((others >> cpu & 1) != 0) {
            arch::send_ipi(cpu, arch::Ipi::inspection);
        }
    }
    while (arrived.load(std::memory_order_acquire) != others) {
        arch::spin_hint();
    }
    at_standstill({stopped_cpus.data(), online_cpu_count()}, irqs);
    leader.store(kNobody, std::memory_order_relaxed);
    ended.fetch_add(1, std::memory_order_release);
}

void follow(std::uint32_t self) {
    const std::uint64_t mine = begun.load(std::memory_order_acquire);
    arrived.fetch_or(CpuMask{1} << self, std::memory_order_release);
    while (ended.load(std::memory_order_acquire) < mine) {
        arch::spin_hint();
    }
}

void inspect(arch::TrapFrame& frame, IrqsDisabled irqs) {
    const std::uint32_t self = arch::this_cpu_index();
    stopped_cpus[self] = {&frame, &current_thread()};
    if (leader.load(std::memory_order_relaxed) == self) {
        lead(self, irqs);
    } else {
        follow(self);
    }
    arch::flush_tlb_all();
}

}  // namespace

void prepare_standstills() {
    set_inspection_observer(callable<CallClass::inspection, inspect>());
}

void request_standstill(IrqsDisabled) {
    const std::uint32_t self = arch::this_cpu_index();
    leader.store(self, std::memory_order_relaxed);
    arch::send_ipi(self, arch::Ipi::inspection);
}

}  // namespace fathom
