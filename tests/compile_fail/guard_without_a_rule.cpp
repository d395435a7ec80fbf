// Misuse: a guard that names no rule
// By: types
// Says: no matching function|class template argument deduction failed

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
#ifdef MISUSE
    PreemptOff atomic;
#else
    PreemptOff atomic{here, window<256>};
#endif
    static_cast<void>(here);
}

}  // namespace fathom
