// An image without tests: the answer to who asks for them.
//
// Context: preemptible.

#include <main/tests.hpp>

namespace fathom {

bool has_kernel_tests() { return false; }

TestCounts run_kernel_tests(const Options&, Preemptible) { return {}; }

Result<void> start_adversary(std::string_view, Preemptible) { return Error::unsupported; }

void finish_adversary(Preemptible) {}

Result<void> run_panic_test(std::string_view, Preemptible) { return Error::unsupported; }

Result<void> run_figures(std::string_view, const Options&, Preemptible) {
    return Error::unsupported;
}

}  // namespace fathom
