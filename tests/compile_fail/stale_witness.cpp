// Misuse: a witness used after its guard has ended
// By: lint
// Says: calling function .needs_atomic. requires holding

#include <context/atomic_scope.hpp>
namespace fathom {

void needs_atomic(Atomic atomic);
Atomic some_witness(Atomic atomic) { return atomic; }
void misuse(Preemptible here) {
    PreemptOff outer{here, window<256>};
    needs_atomic(outer);
}
void misuse_later(Preemptible here) {
    Atomic* kept = nullptr;
    {
        PreemptOff atomic{here, window<256>};
        Atomic witness = atomic;
        kept = &witness;
#ifndef MISUSE
        needs_atomic(*kept);
#endif
    }
#ifdef MISUSE
    needs_atomic(*kept);
#endif
}

}  // namespace fathom
