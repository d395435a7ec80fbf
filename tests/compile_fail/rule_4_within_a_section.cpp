// Misuse: rule 4 stated inside an atomic section
// By: lint
// Says: acquiring .* .atomic_section. that is already held

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
    PreemptOff outer{here, window<256>};
#ifdef MISUSE
    IrqsOff inner{here, window<256>};
#else
    IrqsOff inner{nested_in(outer)};
#endif
}

}  // namespace fathom
