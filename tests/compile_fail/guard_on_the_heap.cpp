// Misuse: a guard newed, so that its section would end at any time
// By: types
// Says: use of deleted function

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
#ifdef MISUSE
    auto* atomic = new PreemptOff<Rule::preemptible>(here, window<256>);
    static_cast<void>(atomic);
#else
    PreemptOff atomic{here, window<256>};
#endif
}

}  // namespace fathom
