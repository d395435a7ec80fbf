// Where traps that the kernel cannot go on from end.
//
// Each notes what is known for its CPU and leaves for the panic stack, as a failed assertion does:
// the report is written by panic/panic.cpp.
//
// Owns:    the upcalls that sched/trap_dispatch.hpp declares.
// Context: trap stack, interrupts off.
// Story:   comes from sched/trap_dispatch.cpp; goes on in panic/panic.cpp (handle_panic).

#pragma once

#include <sched/trap_dispatch.hpp>
