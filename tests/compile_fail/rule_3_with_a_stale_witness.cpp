// Misuse: rule 3 stated with the witness of a section that is over
// By: lint
// Says: calling function .nested_in. requires holding

#include <context/atomic_scope.hpp>
namespace fathom {

Atomic escaped(Preemptible here);
void misuse(Preemptible here) {
#ifdef MISUSE
    IrqsOff inner{nested_in(escaped(here))};
#else
    IrqsOff inner{here, window<256>};
#endif
}

}  // namespace fathom
