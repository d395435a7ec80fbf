// Misuse: a lock of interrupt handlers taken with interrupts on
// By: types
// Says: no known conversion|no matching function|could not convert|cannot convert

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

void misuse(IrqSpinlock& lock, Preemptible here) {
#ifdef MISUSE
    PreemptOff atomic{here, window<256>};
#else
    IrqsOff atomic{here, window<256>};
#endif
    lock.lock(atomic);
    lock.unlock(atomic);
}

}  // namespace fathom
