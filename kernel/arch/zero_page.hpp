// Contract: fill a page with zeros, in as few instructions as the machine allows.

#pragma once

namespace fathom::arch {

/// Zeroes the 4096 bytes at `page`, which is page aligned and normal memory.
/// Context: any.
inline void zero_page(void* page);

}  // namespace fathom::arch

#include <native/zero_page.hpp>
