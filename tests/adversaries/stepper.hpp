// Stepping: a scope in which a thread is executed one instruction at a time, and watched.
//
// Owns:    Stepped, and the threads that are being stepped.
// Context: preemptible; the watching is done in debug traps.
// Story:   made by Sweep::call() around each operation; does nothing unless the adversary steps.

#pragma once

#include <context/witness.hpp>

namespace fathom {

class Stepped {
public:
    /// The running application thread is stepped from here on, if the adversary wants it.
    /// Context: preemptible.
    explicit Stepped(Preemptible here);
    /// Context: preemptible.
    ~Stepped();
    Stepped(const Stepped&) = delete;
    Stepped& operator=(const Stepped&) = delete;

private:
    Preemptible here_;
};

/// Makes every CPU ready to step, and takes the debug traps.
/// Context: preemptible; once.
void start_stepper(Preemptible here);
/// Logs what was seen.
/// Context: preemptible; once.
void finish_stepper(Preemptible here);

}  // namespace fathom
