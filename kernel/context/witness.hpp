// Witnesses: empty arguments that say in which context a function may be called.
//
// A function that needs an atomic caller takes an Atomic; one that wants a preemptible caller takes
// a Preemptible. They are empty and go by value: with the C++ ABI of both architectures that costs
// no register and no instruction, where a reference would cost one.
//
// What they cannot say is checked elsewhere: a Preemptible that is used inside a section still
// compiles; the invariant build asserts and the lint and the prover refuse it.
//
// Owns:    Preemptible, Atomic, IrqsDisabled, nested_in().
// Context: any.

#pragma once

#include <arch/stack_probe.hpp>
#include <build_options.hpp>
#include <context/context_word.hpp>
#include <context/rule.hpp>
#include <lib/assert.hpp>
#include <lib/thread_safety.hpp>

namespace fathom {

class Preemptible;
namespace detail {
struct WitnessMint;
}

/// Interrupts or preemption (or both) are off: made by the guards only.
class Atomic {
    friend struct detail::WitnessMint;

protected:
    constexpr Atomic() = default;
};

/// The stronger Atomic: interrupts are off. What interrupt handlers also lock asks for it.
class IrqsDisabled : public Atomic {
    friend struct detail::WitnessMint;
    constexpr IrqsDisabled() = default;
};

/// Interrupts and preemption are both on, and no lock of the fault path is held: stack faults are
/// legal here. Minted by thread entries and at API boundaries only.
class Preemptible {
public:
    /// For interfaces that have no parameter for a witness (malloc and other C interfaces): claims
    /// that the caller is preemptible. Recorded as a site, asserted with invariants on.
    /// Context: preemptible.
    [[gnu::always_inline]] static Preemptible at_api_boundary() FATHOM_IS_PREEMPTIBLE {
        if constexpr (kStackInvariants) {
            ASSERT(ContextWord::now().preemptible(),
                   "rule 4: a preemptible interface was called from an atomic section "
                   "(context word {})",
                   ContextWord::now().bits());
        }
        arch::record_api_boundary<4>();
        return Preemptible{};
    }

private:
    friend struct detail::WitnessMint;
    constexpr Preemptible() = default;
};

namespace detail {
/// The one place that makes witnesses out of nothing; used by the guards, thread entries and trap
/// dispatch. A style check lists its users.
struct WitnessMint {
    static constexpr Atomic atomic() FATHOM_IS_ATOMIC { return {}; }
    static constexpr IrqsDisabled irqs_disabled() FATHOM_IS_ATOMIC { return {}; }
    static constexpr Preemptible preemptible() FATHOM_IS_PREEMPTIBLE { return {}; }
};
}  // namespace detail

/// Rule 3's argument: the section lies inside the one that `outer` witnesses.
struct NestedIn {};
[[gnu::always_inline]] constexpr NestedIn nested_in(Atomic) FATHOM_NEEDS_ATOMIC { return {}; }

}  // namespace fathom
