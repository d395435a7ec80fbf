// Misuse: a witness made by who is no guard
// By: types
// Says: is private|is protected

#include <context/atomic_scope.hpp>
namespace fathom {

Atomic witness(Preemptible here);
void misuse(Preemptible here) {
#ifdef MISUSE
    const IrqsDisabled atomic{};
    static_cast<void>(atomic);
#else
    IrqsOff atomic{here, window<256>};
#endif
    static_cast<void>(here);
}

}  // namespace fathom
