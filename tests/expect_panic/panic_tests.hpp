// Ways to break the kernel on purpose, one boot each: `panic_test=<name>` on the command line.
//
// Each trigger runs on an application thread and must never come back. What its report must say
// stands in suite.cmake, which boots them one by one.
//
// Owns:    run_panic_test().
// Context: preemptible.
// Story:   called by main/main.cpp when the option is given.

#pragma once

#include <string_view>

#include <context/witness.hpp>
#include <lib/result.hpp>

namespace fathom {

/// Runs the trigger called `name` on an application thread with a 64 KiB stack.
/// Errors: not_found (the names are logged); unsupported if the trigger came back, which is a
/// failed test.
/// Context: preemptible, may fault.
Result<void> run_panic_test(std::string_view name, Preemptible here);

}  // namespace fathom
