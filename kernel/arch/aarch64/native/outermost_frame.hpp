// aarch64: the return address would be in x30, if there were one.
//
// Context: any.

#pragma once

namespace fathom::arch {

inline void outermost_frame() { asm volatile(".cfi_undefined x30"); }

}  // namespace fathom::arch
