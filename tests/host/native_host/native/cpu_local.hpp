// Host: the CPU's index is the anchor's; a test gives each of its threads one.

#pragma once

namespace fathom::arch {

inline std::uint32_t this_cpu_index() { return current_thread_anchor()->cpu_index; }

}  // namespace fathom::arch
