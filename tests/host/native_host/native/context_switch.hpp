// Host: a host thread becomes preemptible as a kernel thread does; it is never switched.

#pragma once

#include <arch/stack_probe.hpp>

namespace fathom::arch {

inline bool thread_begin() { return leave_atomic<Turn::irqs_on, Leave::outermost, 3>(); }

}  // namespace fathom::arch
