// Misuse: interrupts turned off by a naked function, which states no rule
// By: types
// Says: .irq_disable. was not declared

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
#ifdef MISUSE
    irq_disable();
    static_cast<void>(here);
#else
    IrqsOff atomic{here, window<256>};
#endif
}

}  // namespace fathom
