// When every CPU has let go of what it was reading: the scheduler's part of RCU.
//
// A read section (RcuRead) turns preemption off, so a CPU that passes through the scheduler is in
// none: it has passed a quiescent state. So has an idle CPU that takes an interrupt: its handlers'
// read sections end before the next one begins.
//
// Owns:    wait_for_quiescence(), the deferred callbacks.
// Context: see each.
// Story:   sync/rcu.hpp is what others use.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/proof_fact.h>
#include <lib/result.hpp>

namespace fathom {

/// Something to be done when no reader can see it any more. Stands inside what is to be freed.
struct RcuCallback {
    /// Runs on a kernel thread; may wait, and may free `self`.
    using Function = void (*)(RcuCallback& self, Preemptible here);

    RcuCallback* next = nullptr;  ///< whoever holds the list
    Function run = nullptr;  ///< registered: callable<CallClass::rcu, function>()
};

/// Returns when every read section that was open at the call has been left.
/// Context: preemptible, may fault; not in a read section.
void wait_for_quiescence(Preemptible here);

/// Notes that this CPU, interrupted while idle, is in no read section.
/// Context: exception stack, interrupts off.
void note_quiescence_if_idle(IrqsDisabled irqs);

/// Has `callback.run` called after all read sections that are open now. Does not wait and allocates
/// nothing.
/// Context: preemptible, may fault.
void defer_until_quiescent(RcuCallback& callback, Preemptible here);
/// Context: atomic; no lock of rank wait_queue or higher held.
void defer_until_quiescent(RcuCallback& callback, Atomic outer);

/// Returns when all callbacks deferred before the call have run.
/// Context: preemptible, may fault; not from a callback.
void wait_for_deferred(Preemptible here);

}  // namespace fathom
