/* The rule system as a model: one application thread on a lazily populated stack, the fault
 * handler, preemption, whoever evicts pages, and a lock that the fault path takes.
 *
 * The lemma. A page is PAGE units long. Two touched units at most PAGE apart leave no absent page
 * between them: a whole page does not fit there. A site touches the unit WINDOW below the stack
 * pointer, then becomes atomic. The nearest unit above that is known to be touched lies GAP above
 * the stack pointer: `sub sp, GAP` writes nothing. So if GAP + WINDOW <= PAGE, and the section goes
 * no deeper than WINDOW, no push in it meets an absent page. Units below the stack pointer that an
 * earlier call touched do not count: they may be taken away while the thread is preempted. If that
 * happens between the touch and the turn to atomic, the thread goes back to the touch. And a lock
 * that the fault handler takes is held only where no stack fault is possible.
 *
 * Each of these sentences can be made false, and spin finds what follows:
 *
 *     (none)              passes: no reachable state breaks a rule, nothing waits for ever
 *     -DSP_4096           the touch is a whole page below sp: a page is skipped
 *     -DOVER_DEEP         a section goes one unit deeper than its window
 *     -DEVICTION_RACE     eviction does not set the thread back to the touch
 *     -DFAULT_PATH_LOCK   the thread holds the lock while it may fault
 *
 * check_model.py runs them and looks at what was found. Depths count downwards from the top of the
 * stack: unit 0 is the highest; sp is the number of units in live frames.
 */

#define PAGE    4  /* units; one unit is 1 KiB, if you like */
#define PAGES   4  /* of the stack */
#define WINDOW  2
#define MAX_GAP 2
#define LEVELS  2  /* calls inside calls */

#ifdef SP_4096
#define REACH PAGE
#else
#define REACH WINDOW
#endif
#ifdef OVER_DEEP
#define DEPTH (WINDOW + 1)
#else
#define DEPTH WINDOW
#endif

/* A model that does nothing breaks no rule. With -DGOAL=n the n-th of these is an error, which
 * spin must find: that the correct model gets there. */
#ifndef GOAL
#define GOAL 0
#endif
#define FRAME_AWAITED  1
#define SENT_BACK      2
#define LOCK_CONTENDED 3
#define DEEPEST_PUSH   4
#define THREAD_ENDED   5
#define happens(event, condition) assert(GOAL != event || !(condition))

#define FREE   0
#define THREAD 1
#define OTHER  2

/* The context word, and the thread's state. */
byte preempt_depth, irq_depth;
#define preemptible (preempt_depth == 0 && irq_depth == 0)
bool parked;          /* preempted: another thread has the CPU */
byte sp;              /* units in live frames */
bool mapped[PAGES];
byte frames = 3;      /* free ones, just enough: the handler has to wait now and then */

/* From the touch to the turn is one restartable sequence. */
bool in_sequence, sent_back;

byte fault_lock = FREE;  /* an IrqSpinlock that the fault path takes */
bool handler_waits;      /* for that lock */

/* What the last touch of a site made sure of; only the verdict looks at it. */
byte touched_unit;
bool mapped_at_touch[PAGES];
bool deeper_than_window, evicted_after_touch, page_skipped;

/* A stack fault in an atomic section. Which of the lemma's conditions was broken? */
inline broken_rule(unit) {
    if
    :: unit > touched_unit ->
        deeper_than_window = true;
        assert(!deeper_than_window)
    :: unit <= touched_unit && mapped_at_touch[unit / PAGE] ->
        evicted_after_touch = true;
        assert(!evicted_after_touch)
    :: else ->
        page_skipped = true;
        assert(!page_skipped)
    fi
}

/* On the CPU's trap stack: legality first, then a frame under the lock, or wait for one. */
inline stack_fault(unit) {
    atomic {
        if
        :: !preemptible -> broken_rule(unit)
        :: else -> irq_depth++; handler_waits = true
        fi;
        happens(LOCK_CONTENDED, fault_lock == OTHER)
    }
    atomic { fault_lock == FREE -> fault_lock = THREAD; handler_waits = false }
    if
    :: frames > 0 ->
        frames--;
        mapped[unit / PAGE] = true;
        atomic { fault_lock = FREE; irq_depth-- }
    :: else ->
        atomic { fault_lock = FREE; irq_depth-- }
        happens(FRAME_AWAITED, true);
        frames > 0  /* parked until the refill thread has one */
    fi
}

/* One push or load. The instruction runs again after a fault. */
inline touch(unit) {
    do
    :: atomic { mapped[(unit) / PAGE] -> break }
    :: !mapped[(unit) / PAGE] -> stack_fault((unit))
    od
}

/* A site's touch: it notes, at the instant of the load, what is there. */
inline touch_ahead(unit) {
    do
    :: d_step {
           mapped[(unit) / PAGE] ->
           in_sequence = true;
           touched_unit = unit;
           mapped_at_touch[0] = mapped[0]; mapped_at_touch[1] = mapped[1];
           mapped_at_touch[2] = mapped[2]; mapped_at_touch[3] = mapped[3]
       }
       break
    :: !mapped[(unit) / PAGE] -> stack_fault((unit))
    od
}

/* Rule 4: touch ahead, turn something off, use the stack, turn it on again. */
inline atomic_section() {
    do
    :: touch_ahead(sp + REACH - 1);
       if
       :: atomic { sent_back -> sent_back = false; happens(SENT_BACK, true) }  /* touch again */
       :: atomic { !sent_back -> in_sequence = false; preempt_depth++; break }
       :: atomic { !sent_back -> in_sequence = false; irq_depth++; break }
       fi
    od;
    if
    :: irq_depth > 0 -> atomic { fault_lock == FREE -> fault_lock = THREAD }
    :: true
    fi;
    push = 0;
    do
    :: push < DEPTH -> touch(sp + push); push++; happens(DEEPEST_PUSH, push == DEPTH)
    :: break
    od;
    atomic {
        if
        :: fault_lock == THREAD -> fault_lock = FREE
        :: else
        fi;
        preempt_depth = 0; irq_depth = 0;
        push = 0; touched_unit = 0;
        mapped_at_touch[0] = 0; mapped_at_touch[1] = 0;
        mapped_at_touch[2] = 0; mapped_at_touch[3] = 0
    }
}

/* A call touches the place of the return address and moves sp in one step; then `sub sp, gap`. */
inline call() {
    do
    :: atomic {
           mapped[sp / PAGE] ->
           select(gap : 0 .. MAX_GAP);
           caller_sp[level] = sp;
           sp = sp + 1 + gap;
           gap = 0;
           level++;
           break
       }
    :: !mapped[sp / PAGE] -> stack_fault(sp)
    od
}

/* Calls, returns and sections in any order, from any place in the first page, which the creator
 * populated. */
active proctype application_thread() provided (!parked) {
    byte push, level, gap;
    byte caller_sp[LEVELS];
    atomic {
        mapped[0] = true; frames--;
        select(sp : 1 .. PAGE)
    }
    do
    :: level < LEVELS -> call()
    :: atomic { level > 0 -> level--; sp = caller_sp[level]; caller_sp[level] = 0 }
    :: atomic_section()
#ifdef FAULT_PATH_LOCK
    :: atomic { fault_lock == FREE -> fault_lock = THREAD };
       touch(sp);
       fault_lock = FREE
#endif
    :: break
    od;
    happens(THREAD_ENDED, true)
}

/* The timer interrupts wherever the thread is preemptible; while the thread is out, any page below
 * its stack pointer may be taken. The handler itself runs on the trap stack. */
active proctype preemption() {
    byte page;
end_less:
    do
    :: atomic { preemptible && !parked -> parked = true };
       do
       :: atomic {
              select(page : 0 .. PAGES - 1);
              if
              :: mapped[page] && page * PAGE >= sp ->
                  mapped[page] = false;
                  frames++;
#ifndef EVICTION_RACE
                  if
                  :: in_sequence -> in_sequence = false; sent_back = true
                  :: else
                  fi
#endif
              :: else
              fi;
              page = 0
          }
       :: break
       od;
       parked = false
    od
}

/* Another CPU: takes the fault path's lock, takes frames and gives them back. */
active proctype other_cpu() {
    bool took;
end_less:
    do
    :: atomic { fault_lock == FREE -> fault_lock = OTHER };
       if
       :: atomic { frames > 0 && !took -> frames--; took = true }
       :: atomic { took -> frames++; took = false }
       :: !took
       fi;
       fault_lock = FREE
    od
}
