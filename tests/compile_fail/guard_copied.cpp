// Misuse: a guard copied, so that its section would end twice
// By: types
// Says: use of deleted function

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
    PreemptOff atomic{here, window<256>};
#ifdef MISUSE
    PreemptOff copy{atomic};
    static_cast<void>(copy);
#endif
}

}  // namespace fathom
