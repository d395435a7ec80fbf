// Misuse: rule 1 stated inside an atomic section, where rule 3 is true on every stack
// By: lint
// Says: acquiring .* .atomic_section. that is already held

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Atomic atomic) {
#ifdef MISUSE
    IrqsOff inner{on_kernel_thread};
#else
    IrqsOff inner{nested_in(atomic)};
#endif
}

}  // namespace fathom
