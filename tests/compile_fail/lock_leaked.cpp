// Misuse: a spinlock that one path out of the function keeps
// By: lint
// Says: still held at the end of function|not held on every path

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

bool misuse(Spinlock& lock, bool early, Atomic atomic) {
    lock.lock(atomic);
#ifdef MISUSE
    if (early) {
        return false;
    }
#endif
    lock.unlock(atomic);
    return early;
}

}  // namespace fathom
