// Contract: bytes that were written as data are about to be executed.

#pragma once

#include <cstddef>

namespace fathom::arch {

/// Makes every later fetch see the `bytes` bytes at `begin`, whatever address they are fetched by:
/// to be called when they are written, and before a mapping lets anybody execute them. It reaches
/// the caches of all CPUs, but not what another CPU has fetched already: that CPU must take an
/// exception, or synchronize its instruction stream otherwise, before it executes them.
/// mm::protect_range() sees to it that each does.
/// Context: any.
inline void publish_code(const void* begin, std::size_t bytes);

}  // namespace fathom::arch

#include <native/code_memory.hpp>
