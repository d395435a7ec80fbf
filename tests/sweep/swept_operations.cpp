// The table of operations: a test for each, generated from the declarations by
// tools/generate_sweep.py. An operation without a function here (SWEEP) does not link.

#include <sweep/sweep_run.hpp>

namespace fathom {
#include <sweep_table.inc>
}  // namespace fathom
