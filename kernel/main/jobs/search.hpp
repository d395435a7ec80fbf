// The main job: many application threads search the boot modules for a pattern.
//
// The matcher recurses (lib/regex.hpp), so a thread's stack is as deep as its lines demand: most
// threads need a page or two, a few need hundreds. All have the same large stack.
//
// Owns:    run_search().
// Context: preemptible.

#pragma once

#include <context/witness.hpp>
#include <lib/boot_info.hpp>
#include <main/options.hpp>

namespace fathom {

/// Searches all modules with options.threads threads, prints the matching lines in their order and
/// what the stacks cost. False, after a message that says why, where the input or the pattern was
/// bad, or a line could not be searched to its end.
/// Context: preemptible, may fault.
bool run_search(const BootInfo& boot, const Options& options, Preemptible here);

}  // namespace fathom
