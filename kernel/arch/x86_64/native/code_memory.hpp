// x86_64: nothing to do.

#pragma once

#include <cstddef>

namespace fathom::arch {

// A store to memory that is cached as code invalidates the line, by its physical address, and other
// processors' caches are kept coherent (SDM vol. 3A, 12.6). Only what has been prefetched lasts
// until the next serializing instruction (9.1.3); iret is one, so who has taken an interrupt since
// has none of it.
inline void publish_code(const void*, std::size_t) {}

}  // namespace fathom::arch
