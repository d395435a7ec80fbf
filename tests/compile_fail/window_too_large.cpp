// Misuse: a window that leaves no room for the gap above sp
// By: types
// Says: a window over 3072

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
#ifdef MISUSE
    PreemptOff atomic{here, window<4096>};
#else
    PreemptOff atomic{here, window<3072>};
#endif
}

}  // namespace fathom
