// Misuse: a witness returned from the function in which its guard ended
// By: lint
// Says: calling function .needs_atomic. requires holding

#include <context/atomic_scope.hpp>
namespace fathom {

void needs_atomic(Atomic atomic);
Atomic escaped(Preemptible here) {
    PreemptOff atomic{here, window<256>};
    return atomic;
}
void misuse(Preemptible here) {
#ifdef MISUSE
    needs_atomic(escaped(here));
#else
    PreemptOff atomic{here, window<256>};
    needs_atomic(atomic);
#endif
}

}  // namespace fathom
