// Misuse: a guard without a name: the section is over before it began
// By: types
// Says: nodiscard|ignoring return value

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
#ifdef MISUSE
    PreemptOff{here, window<256>};
#else
    PreemptOff atomic{here, window<256>};
#endif
}

}  // namespace fathom
