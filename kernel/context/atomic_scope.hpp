// The guards: the only way to become atomic, and none can be made without naming its rule.
//
//     void Semaphore::post(Preemptible here) {
//         PreemptOff atomic{here, window<256>};     // rule 4: touch 256 bytes ahead, go atomic
//         SpinlockHeld held{lock_, atomic};         // takes an Atomic: no call without one
//         ...
//     }
//
//     PreemptOff atomic{on_kernel_thread};          // rule 1
//     PreemptOff atomic{on_populated_stack};        // rule 2
//     PreemptOff atomic{nested_in(outer)};          // rule 3: `outer` is an Atomic
//     PreemptOff atomic{here, window<512>};         // rule 4: `here` is a Preemptible
//     PreemptOff atomic{unknown_context, window<512>};  // rule 5
//
// PreemptOff turns preemption off (PreemptOffUntilLeave does not end by itself), IrqsOff
// interrupts, RcuRead opens an RCU read section (a PreemptOff that says what it is for). The rule
// is part of the guard's type, so that its way out costs no test either.
//
// Owns:    PreemptOff, PreemptOffUntilLeave, IrqsOff, RcuRead.
// Context: each constructor says what it demands.
// Story:   comes from any code that must not be preempted; policies/<name>.hpp decides what the
//          rule costs; native/stack_probe.hpp pays it and leaves the site record.

#pragma once

#include <cstddef>

#include <arch/stack_probe.hpp>
#include <build_options.hpp>
#include <context/ensure_stack.hpp>
#include <context/policy.hpp>
#include <context/rule_check.hpp>
#include <context/witness.hpp>
#include <lib/thread_safety.hpp>

namespace fathom {

/// Upcall: defined in sched/scheduler.cpp. Gives up the CPU because a reschedule is pending.
/// Context: preemptible, may fault.
void preempt_here();
/// Upcall: defined in trace/ring.cpp. Records that a guard turned something off or is about to turn
/// it on again; called in kTraceAtomic builds only.
/// Context: atomic.
void trace_turn(arch::Turn turn, Rule rule);

namespace detail {

/// How leaving a section of each rule may go on.
consteval arch::Leave leave_of(Rule rule) {
    switch (rule) {
    case Rule::already_atomic: return arch::Leave::nested;
    case Rule::preemptible: return arch::Leave::outermost;
    default: return arch::Leave::unknown;
    }
}

enum class Ending : bool { by_scope, by_leave };

/// What the guards share. `off` and `on` are the two halves of the turn.
template <arch::Turn off, arch::Turn on, Rule rule, Ending ending>
class AtomicScope {
public:
    static constexpr bool kEndsByScope = ending == Ending::by_scope;

    AtomicScope(const AtomicScope&) = delete;
    AtomicScope& operator=(const AtomicScope&) = delete;
    static void* operator new(std::size_t) = delete;
    static void* operator new[](std::size_t) = delete;

    [[gnu::always_inline]] operator Atomic() const { return WitnessMint::atomic(); }

protected:
    template <unsigned bytes>
    [[gnu::always_inline]] explicit AtomicScope(Window<bytes>) {
        check_rule<rule>();
        constexpr arch::Touch wish = StackPolicy::touch(rule);
        constexpr unsigned size =
            wish == arch::Touch::never ? 0 : StackPolicy::window(Window<bytes>::kBytes);
        constexpr bool calls = StackPolicy::kCallsAhead && size != 0;
        constexpr arch::Touch touch = size == 0 || calls ? arch::Touch::never : wish;
        if constexpr (calls) {
            if (wish == arch::Touch::always || ContextWord::now().preemptible()) {
                ensure_stack(size);
            }
        }
        arch::enter_atomic<off, touch, size, static_cast<unsigned>(rule)>();
        if constexpr (kTraceAtomic) {
            trace_turn(off, rule);
        }
    }
    [[gnu::always_inline]] static bool end() {
        if constexpr (kTraceAtomic) {
            trace_turn(on, rule);
        }
        return arch::leave_atomic<on, leave_of(rule), static_cast<unsigned>(rule)>();
    }
    [[gnu::always_inline]] ~AtomicScope() {
        if constexpr (kEndsByScope) {
            if (end()) [[unlikely]] {
                preempt_here();
            }
        }
    }
};

}  // namespace detail

// The guards differ in what they turn off, in how they end and in the witness that they give; their
// five constructors are the five rules. NOLINTBEGIN: one macro says it once.
#define FATHOM_GUARD(Name, off, on, ending)                                                      \
    template <Rule rule>                                                                         \
    class [[nodiscard]] FATHOM_SCOPED_CAPABILITY Name final                                      \
        : public detail::AtomicScope<arch::Turn::off, arch::Turn::on, rule,                      \
                                     detail::Ending::ending> {                                   \
        using Scope = detail::AtomicScope<arch::Turn::off, arch::Turn::on, rule,                 \
                                          detail::Ending::ending>;                               \
                                                                                                 \
    public:                                                                                      \
        [[nodiscard, gnu::always_inline]] FATHOM_BECOMES_ATOMIC explicit Name(OnKernelThread)    \
            requires(rule == Rule::kernel_thread)                                                \
            : Scope(Window<0>{}) {}                                                              \
        [[nodiscard, gnu::always_inline]] FATHOM_BECOMES_ATOMIC explicit Name(OnPopulatedStack)  \
            requires(rule == Rule::populated_stack)                                              \
            : Scope(Window<0>{}) {}                                                              \
        /* nested_in() has asked for a section around it. */                                     \
        [[nodiscard, gnu::always_inline]] explicit Name(NestedIn)                                \
            requires(rule == Rule::already_atomic)                                               \
            : Scope(Window<0>{}) {}                                                              \
        template <unsigned bytes>                                                                \
        [[nodiscard, gnu::always_inline]] FATHOM_BECOMES_ATOMIC                                  \
        Name(Preemptible, Window<bytes> size)                                                    \
            requires(rule == Rule::preemptible)                                                  \
            : Scope(size) {}                                                                     \
        template <unsigned bytes>                                                                \
        [[nodiscard, gnu::always_inline]] FATHOM_IS_ATOMIC                                       \
        Name(UnknownContext, Window<bytes> size)                                                 \
            requires(rule == Rule::unknown)                                                      \
            : Scope(size) {}                                                                     \
        /* Only where the scope does not end the section. True if a reschedule is pending, which \
           the caller must meet by preempt_here() or by leaving another section.                 \
           Context: atomic, in the section. */                                                   \
        [[nodiscard, gnu::always_inline]] bool leave() FATHOM_RELEASES() {                       \
            static_assert(!Scope::kEndsByScope);                                                 \
            return Scope::end();                                                                 \
        }                                                                                        \
        Name(const Name&) = delete;                                                              \
        Name& operator=(const Name&) = delete;                                                   \
        /* Said here, too: an implicit destructor may be called out of line. */                  \
        [[gnu::always_inline]] ~Name() FATHOM_RELEASES() {}                                      \
        FATHOM_GUARD_WITNESS_##Name                                                              \
    };                                                                                           \
    Name(OnKernelThread)->Name<Rule::kernel_thread>;                                             \
    Name(OnPopulatedStack)->Name<Rule::populated_stack>;                                         \
    Name(NestedIn)->Name<Rule::already_atomic>;                                                  \
    template <unsigned bytes>                                                                    \
    Name(Preemptible, Window<bytes>) -> Name<Rule::preemptible>;                                 \
    template <unsigned bytes>                                                                    \
    Name(UnknownContext, Window<bytes>) -> Name<Rule::unknown>

#define FATHOM_GUARD_WITNESS_PreemptOff
#define FATHOM_GUARD_WITNESS_PreemptOffUntilLeave
#define FATHOM_GUARD_WITNESS_RcuRead
#define FATHOM_GUARD_WITNESS_IrqsOff                                   \
    [[gnu::always_inline]] operator IrqsDisabled() const {             \
        return detail::WitnessMint::irqs_disabled();                   \
    }

/// Preemption off for a scope.
FATHOM_GUARD(PreemptOff, preempt_off, preempt_on, by_scope);
/// Preemption off until leave(), which must be called once on every way: the prover sees to it.
/// Where that is the last thing that a function does, meeting the reschedule is a tail call, and
/// the usual way has no call and so no stack frame.
FATHOM_GUARD(PreemptOffUntilLeave, preempt_off, preempt_on, by_leave);
/// Interrupts off for a scope; converts to IrqsDisabled, the stronger witness.
FATHOM_GUARD(IrqsOff, irqs_off, irqs_on, by_scope);
/// An RCU read section: what rcu_synchronize() waits for. Read-side code must not block.
FATHOM_GUARD(RcuRead, preempt_off, preempt_on, by_scope);

#undef FATHOM_GUARD
#undef FATHOM_GUARD_WITNESS_PreemptOff
#undef FATHOM_GUARD_WITNESS_PreemptOffUntilLeave
#undef FATHOM_GUARD_WITNESS_IrqsOff
#undef FATHOM_GUARD_WITNESS_RcuRead

}  // namespace fathom
