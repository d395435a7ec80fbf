// Compiled with the answer of lab 7: what does not hold does not compile.

#include <context/policy.hpp>

namespace fathom {

static_assert(ExceptionStackPolicy::touch(Rule::preemptible) == arch::Touch::never,
              "a site that says rule 4 does nothing before its section");
static_assert(ExceptionStackPolicy::touch(Rule::unknown) == arch::Touch::never,
              "a site that says rule 5 does nothing before its section");
static_assert(ExceptionStackPolicy::kGrowsWhileAtomic,
              "the fault handler serves a section, so the policy must say so");
static_assert(ExceptionStackPolicy::pages_at_creation(PageCount(256)) == PageCount(1),
              "a thread is born with one page");

}  // namespace fathom
