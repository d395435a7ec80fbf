// Misuse: a mutex that is never let go
// By: lint
// Says: still held at the end of function

#include <context/atomic_scope.hpp>
#include <sync/mutex.hpp>
namespace fathom {

void misuse(Mutex& mutex, Preemptible here) {
    mutex.lock(here);
#ifndef MISUSE
    mutex.unlock(here);
#endif
}

}  // namespace fathom
