// Misuse: rule 4 stated with the witness of an atomic section
// By: types
// Says: class template argument deduction failed|no matching function

#include <context/atomic_scope.hpp>
namespace fathom {

#ifdef MISUSE
void misuse(Atomic here) { PreemptOff atomic{here, window<256>}; }
#else
void misuse(Atomic here) { PreemptOff atomic{nested_in(here)}; }
#endif

}  // namespace fathom
