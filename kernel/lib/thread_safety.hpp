// Annotations for Clang's thread-safety analysis, which `make lint` runs; empty in every build.
//
// "An atomic section" is a capability here, like a lock: a guard acquires it and its end releases
// it. A function that takes an Atomic or an IrqsDisabled requires it, one that takes a Preemptible
// requires that it is NOT held. Nobody writes that down: the witness in a parameter list says it,
// and tools/lint adds the attribute to its copy of the source. What is annotated by hand is what no
// parameter tells: the guards themselves and the locks.
//
// Owns:    the annotations' names.
// Context: any; no code.

#pragma once

#if defined(FATHOM_LINT)
#define FATHOM_TSA(attribute) __attribute__((attribute))
#else
#define FATHOM_TSA(attribute)
#endif

/// A class whose objects can be held.
#define FATHOM_CAPABILITY(name) FATHOM_TSA(capability(name))
/// A class whose objects hold something as long as they live.
#define FATHOM_SCOPED_CAPABILITY FATHOM_TSA(scoped_lockable)
/// The function takes the lock, which must not be held before.
#define FATHOM_ACQUIRES(...) FATHOM_TSA(acquire_capability(__VA_ARGS__))
/// The function takes the lock if it returns this.
#define FATHOM_TRY_ACQUIRES(...) FATHOM_TSA(try_acquire_capability(__VA_ARGS__))
/// The function lets go of the lock; for a guard's end, of what the guard took.
#define FATHOM_RELEASES(...) FATHOM_TSA(release_capability(__VA_ARGS__))
/// The caller holds the lock.
#define FATHOM_REQUIRES(...) FATHOM_TSA(requires_capability(__VA_ARGS__))
/// What the function returns is this lock.
#define FATHOM_RETURNS_LOCK(lock) FATHOM_TSA(lock_returned(lock))
/// To be touched only by who holds the lock.
#define FATHOM_GUARDED_BY(lock) FATHOM_TSA(guarded_by(lock))
/// The analysis cannot follow the function's body; a comment says why it is right. What it asks of
/// its callers is still asked.
#define FATHOM_VOUCHED_FOR FATHOM_TSA(no_thread_safety_analysis)

/// A guard's begin: not atomic before, as far as the function can know; atomic until its end.
#define FATHOM_BECOMES_ATOMIC FATHOM_TSA(acquire_capability(::fathom::lint::atomic_section))
/// The caller is atomic.
#define FATHOM_NEEDS_ATOMIC FATHOM_TSA(requires_capability(::fathom::lint::atomic_section))
/// The caller is preemptible.
#define FATHOM_NEEDS_PREEMPTIBLE FATHOM_TSA(requires_capability(!::fathom::lint::atomic_section))
/// Atomic from here on, whatever was before.
#define FATHOM_IS_ATOMIC FATHOM_TSA(assert_capability(::fathom::lint::atomic_section))
/// Preemptible here, as far as the function can know.
#define FATHOM_IS_PREEMPTIBLE FATHOM_TSA(assert_capability(!::fathom::lint::atomic_section))

#if defined(FATHOM_LINT)
namespace fathom::lint {
/// A CPU's being atomic, as a thing that is held.
struct FATHOM_CAPABILITY("context") Context {
    const Context& operator!() const;  ///< in attributes only: its not being held
};
extern Context atomic_section;
}  // namespace fathom::lint
#endif
