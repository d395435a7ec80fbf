// An image without tests: the answer to who asks for them.
//
// Context: preemptible.

#include <main/tests.hpp>

namespace fathom {

bool has_kernel_tests() { return false; }

TestCounts run_kernel_tests(const Options&, Preemptible) { return {}; }

}  // namespace fathom
