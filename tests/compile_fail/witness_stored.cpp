// Misuse: a witness stored, and used by who is not atomic
// By: lint
// Says: calling function .needs_atomic. requires holding

#include <context/atomic_scope.hpp>
namespace fathom {

void needs_atomic(Atomic atomic);
struct Stored {
    Atomic witness;
};
#ifdef MISUSE
void misuse(const Stored& stored, Preemptible) { needs_atomic(stored.witness); }
#else
void misuse(const Stored& stored, Atomic) { needs_atomic(stored.witness); }
#endif

}  // namespace fathom
