// Misuse: a guard sliced to its base, so that its section would end twice
// By: types
// Says: use of deleted function

#include <context/atomic_scope.hpp>
namespace fathom {

void misuse(Preemptible here) {
    PreemptOff atomic{here, window<256>};
#ifdef MISUSE
    detail::AtomicScope<arch::Turn::preempt_off, arch::Turn::preempt_on, Rule::preemptible,
                        detail::Ending::by_scope> sliced = atomic;
    static_cast<void>(sliced);
#endif
}

}  // namespace fathom
