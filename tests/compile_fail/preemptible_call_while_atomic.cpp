// Misuse: a preemptible function called in an atomic section
// By: lint
// Says: cannot call function .may_fault. while

#include <context/atomic_scope.hpp>
namespace fathom {

void may_fault(Preemptible here);
void misuse(Preemptible here) {
    {
        PreemptOff atomic{here, window<256>};
#ifdef MISUSE
        may_fault(here);
#endif
    }
    may_fault(here);
}

}  // namespace fathom
