// Misuse: a spinlock taken by who holds it
// By: lint
// Says: already held

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

void misuse(Spinlock& lock, Atomic atomic) {
    SpinlockHeld held{lock, atomic};
#ifdef MISUSE
    lock.lock(atomic);
    lock.unlock(atomic);
#endif
}

}  // namespace fathom
