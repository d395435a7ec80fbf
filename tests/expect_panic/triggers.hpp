// The triggers, by what they break. Each is one function that does one wrong thing.
//
// Owns:    the list of triggers.
// Context: preemptible, on an application thread.

#pragma once

#include <context/witness.hpp>

namespace fathom::triggers {

// rules.cpp: a rule stated falsely (seen by the invariant build).
void rule1_on_application_thread(Preemptible here);
void rule2_on_application_thread(Preemptible here);
void rule3_when_preemptible(Preemptible here);
void rule4_when_atomic(Preemptible here);
void api_boundary_when_atomic(Preemptible here);
void system_call_when_atomic(Preemptible here);

// broken_rules.cpp: each rule broken by a touch (seen by every build; earlier by the invariants).
void break_rule1(Preemptible here);
void break_rule2(Preemptible here);
void break_rule3(Preemptible here);
void break_rule4(Preemptible here);
void break_rule5(Preemptible here);

// atomic_faults.cpp: a stack fault where none is allowed (seen by every build).
void fault_while_atomic(Preemptible here);
void fault_with_irqs_off(Preemptible here);
void fault_with_lock_held(Preemptible here);
void fault_inside_fault_handler(Preemptible here);
void dead_stack(Preemptible here);
void growth_reserve_dry(Preemptible here);

// swept_gap.cpp: a hole between sp and the prefault (seen by every build with lazy stacks).
void swept_gap(Preemptible here);

// overflows.cpp: past the end of a stack.
void overflow_by_recursion(Preemptible here);
void overflow_by_large_frame(Preemptible here);
void overflow_by_alloca(Preemptible here);
void overflow_of_trap_stack(Preemptible here);
void overflow_while_atomic(Preemptible here);
void overflow_of_system_call_stack(Preemptible here);

// wild_accesses.cpp: pointers that lead nowhere, rights that are not there.
void null_read(Preemptible here);
void null_call(Preemptible here);
void wild_write(Preemptible here);
void wild_jump(Preemptible here);
void execute_data(Preemptible here);
void write_text(Preemptible here);
void write_constant(Preemptible here);

// ends.cpp: the report itself, the other CPUs, and kernels that hang.
void failed_assertion(Preemptible here);
void panic_in_panic(Preemptible here);
void panic_with_hung_cpu(Preemptible here);
void spin_for_ever(Preemptible here);
void undefined_behaviour(Preemptible here);
void smashed_stack(Preemptible here);
void lock_order(Preemptible here);
void two_run_queues(Preemptible here);

// adversaries/defects.cpp: wrong prefaults that only an adversary sees. Without one they come back.
void section_below_window(Preemptible here);
void section_without_prefault(Preemptible here);
void section_on_lazy_stack_by_rule1(Preemptible here);

// <arch>/native_triggers.cpp. On aarch64, which has no double fault, it comes back.
void double_fault(Preemptible here);
void floating_point(Preemptible here);
void invalid_instruction(Preemptible here);
void unknown_interrupt(Preemptible here);

}  // namespace fathom::triggers
