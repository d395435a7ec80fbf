// The monitor: a prompt on the serial line, for looking at the kernel while it runs.
//
// Owns:    run_monitor().
// Context: preemptible, on an application thread.
// Story:   called by main/work.cpp (run=monitor); goes on in commands.cpp. Where the image has no
//          monitor (FATHOM_MONITOR), main/jobs/without_monitor.cpp answers.

#pragma once

#include <context/witness.hpp>
#include <main/options.hpp>

namespace fathom {

/// Reads and obeys commands until one of them, or the end of what is typed, says that it is over.
/// Context: preemptible, may fault; once.
void run_monitor(const Options& options, Preemptible here);

}  // namespace fathom
