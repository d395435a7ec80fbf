// Misuse: rule 3 stated with a witness of the opposite
// By: types
// Says: could not convert|no matching function

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
    PreemptOff outer{here, window<256>};
#ifdef MISUSE
    PreemptOff inner{nested_in(here)};
#else
    PreemptOff inner{nested_in(outer)};
#endif
}

}  // namespace fathom
