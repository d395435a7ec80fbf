// What the kernel was started for.
//
// Owns:    do_the_work().

#pragma once

#include <context/witness.hpp>
#include <lib/boot_info.hpp>
#include <main/options.hpp>

namespace fathom {

/// Runs the jobs, the tests or the one deliberate panic that the command line asks for, on an
/// application thread, and ends the machine with what came of it.
/// Context: preemptible; once.
[[noreturn]] void do_the_work(const BootInfo& boot, const Options& options, Preemptible here);

}  // namespace fathom
