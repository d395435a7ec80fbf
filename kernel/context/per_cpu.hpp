// Per-CPU storage: one T for each CPU, reached only by who cannot be moved away meanwhile.
//
// Owns:    PerCpu<T>.
// Context: this_cpu() wants an atomic caller; of() any.

#pragma once

#include <cstdint>

#include <arch/cpu_local.hpp>
#include <context/witness.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

/// One `T` per CPU, each on cache lines of its own. T must be constant-initialisable.
template <typename T>
class PerCpu {
public:
    /// The running CPU's. The reference is good while `atomic` lives.
    T& this_cpu(Atomic) { return slots_[arch::this_cpu_index()].value; }
    /// Another CPU's; T says what may be read or written from outside.
    T& of(std::uint32_t cpu_index) { return slots_[cpu_index].value; }
    const T& of(std::uint32_t cpu_index) const { return slots_[cpu_index].value; }

private:
    struct alignas(64) alignas(T) Slot {
        T value{};
    };
    Slot slots_[kMaxCpus]{};
};

}  // namespace fathom
