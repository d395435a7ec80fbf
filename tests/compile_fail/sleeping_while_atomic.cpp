// Misuse: a mutex locked, which may sleep, in an atomic section
// By: lint
// Says: cannot call function .lock. while|atomic_section

#include <context/atomic_scope.hpp>
#include <sync/mutex.hpp>
namespace fathom {

void misuse(Mutex& mutex, Preemptible here) {
#ifdef MISUSE
    PreemptOff atomic{here, window<256>};
#endif
    mutex.lock(here);
    mutex.unlock(here);
}

}  // namespace fathom
