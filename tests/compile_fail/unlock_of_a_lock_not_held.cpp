// Misuse: a spinlock let go by who does not hold it
// By: lint
// Says: releasing mutex .lock. that was not held

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

void misuse(Spinlock& lock, Atomic atomic) {
#ifndef MISUSE
    lock.lock(atomic);
#endif
    lock.unlock(atomic);
}

}  // namespace fathom
