// Misuse: a spinlock taken in preemptible context
// By: types
// Says: no known conversion|could not convert|cannot convert

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
namespace fathom {

void misuse(Spinlock& lock, Preemptible here) {
#ifdef MISUSE
    lock.lock(here);
    lock.unlock(here);
#else
    PreemptOff atomic{here, window<256>};
    lock.lock(atomic);
    lock.unlock(atomic);
#endif
}

}  // namespace fathom
