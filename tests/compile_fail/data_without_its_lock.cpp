// Misuse: data touched without the lock that protects it
// By: lint
// Says: requires holding spinlock .counted.lock.

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

struct Counted {
    Spinlock lock;
    int count FATHOM_GUARDED_BY(lock) = 0;
};
void misuse(Counted& counted, Atomic atomic) {
#ifndef MISUSE
    SpinlockHeld held{counted.lock, atomic};
#endif
    ++counted.count;
    static_cast<void>(atomic);
}

}  // namespace fathom
