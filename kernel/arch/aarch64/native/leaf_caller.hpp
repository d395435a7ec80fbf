// aarch64: bl leaves the return address in x30; a function that calls on stores it in its record.
//
// Context: any.

#pragma once

namespace fathom::arch {

// After a call of its own, x30 points back into the function: then it has a record.
[[gnu::always_inline]] inline LeafCaller leaf_caller(const TrapFrame& frame, VirtAddr) {
    return {.address = {frame.x[30]}, .slot = {}};
}

}  // namespace fathom::arch
