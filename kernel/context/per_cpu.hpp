// Per-CPU storage: one T for each CPU, reached only by who cannot be moved away meanwhile.
//
// Owns:    PerCpu<T>.
// Context: this_cpu() wants an atomic caller; of() any.

#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include <arch/cpu_local.hpp>
#include <context/witness.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

/// When the Ts come to be: `in_image` as constants, `by_make` in make(), before they are used. What
/// is not all zero would take kMaxCpus times its size in the image.
enum class Birth : std::uint8_t { in_image, by_make };

/// One `T` per CPU, each on cache lines of its own. T must be constant-initialisable.
template <typename T, Birth birth = Birth::in_image>
class PerCpu {
public:
    /// Context: boot CPU, once, before any use.
    void make() requires(birth == Birth::by_make) {
        for (Slot& slot : slots_) {
            std::construct_at(&slot.value);
        }
    }
    /// The running CPU's. The reference is good while `atomic` lives.
    T& this_cpu(Atomic) { return slots_[arch::this_cpu_index()].value; }
    /// Another CPU's; T says what may be read or written from outside.
    T& of(std::uint32_t cpu_index) { return slots_[cpu_index].value; }
    const T& of(std::uint32_t cpu_index) const { return slots_[cpu_index].value; }

private:
    struct alignas(64) alignas(T) Filled {
        T value{};
    };
    union alignas(64) alignas(T) Empty {
        constexpr Empty() : nothing() {}
        char nothing;
        T value;
    };
    using Slot = std::conditional_t<birth == Birth::in_image, Filled, Empty>;
    Slot slots_[kMaxCpus]{};
};

}  // namespace fathom
