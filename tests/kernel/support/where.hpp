// Which CPU runs this.
//
// Owns:    current_cpu().
// Context: preemptible; the answer may be stale at once unless the thread is pinned.

#pragma once

#include <cstdint>

#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>

namespace fathom {

/// Context: preemptible.
inline std::uint32_t current_cpu(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    return arch::this_cpu_index();
}

}  // namespace fathom
