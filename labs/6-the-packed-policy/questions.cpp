// Compiled with the answer of lab 6: what does not hold does not compile.

#include <context/policy.hpp>

namespace fathom {

static_assert(PackedPolicy::touch(Rule::preemptible) == arch::Touch::if_preemptible,
              "a site that says rule 4: nobody believes it, the word is asked");
static_assert(PackedPolicy::touch(Rule::already_atomic) == arch::Touch::if_preemptible,
              "a site that says rule 3: nobody believes it, the word is asked");
static_assert(PackedPolicy::touch(Rule::kernel_thread) == arch::Touch::if_preemptible,
              "a site that says rule 1: nobody believes it, the word is asked");
static_assert(PackedPolicy::window(64) == kLargestWindow,
              "the function does not know its section: it touches for the deepest there is");
static_assert(PackedPolicy::window(0) == kLargestWindow,
              "the function does not know its section: it touches for the deepest there is");
static_assert(PackedPolicy::pages_at_creation(PageCount(256)) == PageCount(1),
              "a thread is born with one page");
static_assert(PackedPolicy::stack_fault_allowed(ContextWord(0), true),
              "a stack fault is legal where waiting is");
static_assert(!PackedPolicy::stack_fault_allowed(ContextWord(0), false),
              "a stack fault is fatal with interrupts off");

}  // namespace fathom
