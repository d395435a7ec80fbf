// Misuse: a condition waited for without the mutex that it lets go
// By: lint
// Says: calling function .wait. requires holding mutex .mutex.

#include <sync/condition.hpp>
namespace fathom {

void misuse(Condition& condition, Mutex& mutex, Preemptible here) {
#ifdef MISUSE
    condition.wait(mutex, here);
#else
    MutexHeld held{mutex, here};
    condition.wait(mutex, here);
#endif
}

}  // namespace fathom
