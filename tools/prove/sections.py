"""Sections: where they begin and end, how deep they go, and what of it is wrong.

One part of a function's analysis (function.py); the stepper reports here what is touched.
"""

from .memory import PAGE
from .records import (IRQS_ON, PREEMPT_OFF, PREEMPT_ON, StackKind, SYSTEM_CALL, THREAD_START,
                      TRAP_ENTRY, TURNS_OFF)
from .state import ENTRY, NEVER, Section, State, distance, lowest
from .summary import (ARRIVING, BORN, CALLING, Context, DEPTHS, Finding, PREEMPTIBLE, SiteNote,
                      level_of)

# Entries that begin inside a section, and its window: what its creator has populated of a new
# thread's stack; nothing of the stack that a system call comes from.
BEGUN_IN = {BORN: PAGE - 16, CALLING: 0}
HOLDING_NONE = (PREEMPTIBLE, BORN, ARRIVING, CALLING)  # so entered, no spinlock is held


class Sections:
    """The part that knows sites and windows."""

    # ---- what the stepper tells

    def wrong(self, address: int, kind: str, text: str, weight: int = 0) -> None:
        self.summary.findings.add(Finding(address, kind, text, weight))

    def gap_allowed(self, gap: int) -> None:
        self.summary.gap = min(self.summary.gap, gap)

    def writes_above(self, place: int, size: int) -> None:
        """The caller's frame is written there. Over a page away it is written anywhere."""
        self.summary.written |= {(place, size) if place + size <= PAGE else (0, NEVER)}

    def hole(self, state: State, address: int, distance: int) -> None:
        if self._matters(state):
            self.wrong(address, "skipped-page", "the frame skips a page: the touch lies "
                       f"{distance if distance < NEVER // 2 else 'an unknown number of'} bytes "
                       "below the last one", distance)

    def _matters(self, state: State) -> bool:
        return state.kind == StackKind.LAZY and self.lazy

    def depth(self, state: State, address: int, below: int = 0, callee=None) -> None:
        """sp is where it is, and `below` bytes more are used."""
        base, offset = state.sp
        self.reach(state, address, base, offset - below, below > 0, callee)

    def reach(self, state: State, address: int, base: tuple, place: int, touches: bool,
              callee=None) -> None:
        """The stack is used from `place` on upwards: it is touched, or a pointer there is made (who
        has it may touch it), or just sp goes there. Unless it is surely preemptible this counts."""
        if state.preemptible or not self._matters(state):
            return
        if not state.sections:
            reached = min(-lowest(base, place), NEVER)
            if reached > self.summary.depth:
                self.summary.depth = reached
                self.summary.deepest = (address, callee)
            return
        for section in state.sections:
            low = distance(base, place, section.base)
            if low >= section.touched or base is ENTRY and place >= section.entry_touched:
                continue  # that far down the stack was touched before
            note = self.site_note(section.site)
            note.touches_new |= touches
            if section.window:
                self._deeper(note, min(section.sp - low, NEVER), address, callee)
            elif touches:
                self._deeper(note, min(section.touched - low, NEVER), address, callee)

    @staticmethod
    def _deeper(note: SiteNote, depth: int, address: int, callee) -> None:
        if depth > note.depth:
            note.depth, note.deepest = depth, (address, callee)

    def forbidden(self, state: State, address: int, what: str) -> None:
        if any(begin <= address < end for _, begin, end in self.program.ranges):
            return
        self.wrong(address, "open-world", f"{what} outside of every recorded site")

    def site_note(self, pc: int) -> SiteNote:
        return self.summary.sites.setdefault(pc, SiteNote())

    # ---- sites

    def _boundary(self, state: State, address: int) -> None:
        self._context_at(state, address)

    def _context_at(self, state: State, pc: int) -> SiteNote:
        note = self.site_note(pc)
        note.contexts.add(Context(state.kind, level_of(state) or ARRIVING))
        return note

    def _site(self, state: State, site) -> bool:
        code = self.program.site_code(site)
        if code is None:
            self.wrong(site.pc, "site-bytes", "the bytes are not what the site's record says")
            return False
        note = self._context_at(state, site.pc)
        if code.self_register is not None and \
                state.registers.get(code.self_register) != ("a", 0):
            self.wrong(site.pc, "site-self", "the site's register is not known to point to the "
                       "running thread")
        if site.turn in TURNS_OFF:
            self._turn_off(state, site, note)
        elif site.turn == TRAP_ENTRY:
            if self.context.level != ARRIVING or state.kind != StackKind.TRAP:
                self.wrong(site.pc, "trap-entry", "counts a trap where none arrives")
            state.irq = (state.irq[0] + 1, state.irq[1])
        elif site.turn in (THREAD_START, SYSTEM_CALL):
            begins = BORN if site.turn == THREAD_START else CALLING
            if self.context.level != begins or state.irq != (1, True):
                self.wrong(site.pc, "thread-start", "a first step where nothing begins")
            state.preempt, state.irq = DEPTHS[PREEMPTIBLE]
            state.sections = frozenset()
        else:
            self._turn_on(state, site)
        if site.turn not in (TRAP_ENTRY,) or self.program.image.arch == "x86_64":
            state.flags = None
        state.compared = None
        for register in code.scratch:
            state.registers.pop(register, None)
        if site.turn in (PREEMPT_ON, IRQS_ON, THREAD_START) and state.atomic:
            if code.result is not None:
                state.registers[code.result] = ("nz",)
            if self.program.image.arch == "x86_64":
                state.flags = ("z", False)
        return True

    def _turn_off(self, state: State, site, note: SiteNote) -> None:
        if not state.atomic and self._matters(state):
            self._open_section(state, site, note)
        if site.turn == PREEMPT_OFF:
            state.preempt = (state.preempt[0] + 1, state.preempt[1])
        else:
            if state.irq[0] == 0:
                state.locks_before = state.locks
            state.irq = (state.irq[0] + 1, state.irq[1])

    def _open_section(self, state: State, site, note: SiteNote) -> None:
        """The outermost section begins, on a stack whose pages may be absent."""
        base, offset = state.sp
        gap = max(0, state.touched - offset)
        note.gap = max(note.gap, min(gap, NEVER))
        touched, from_entry = state.touched, state.touched_from_entry()
        if site.window:
            if state.from_entry:
                self.gap_allowed(PAGE - site.window - gap)
            elif gap + site.window > PAGE:
                self.wrong(site.pc, "hole", f"{gap if gap < NEVER // 2 else 'unknown'} bytes above "
                           f"sp are untouched: with a window of {site.window} a page between may "
                           f"be absent", gap)
            state.touched = min(state.touched, offset) if base is not ENTRY else state.touched
        elif state.from_entry:
            self.summary.bare = True
        if self._pointers_below(state):
            note.touches_new = True
        state.sections = frozenset({Section(site.pc, base, offset, touched, site.window,
                                            from_entry)})

    def _pointers_below(self, state: State) -> bool:
        """Whether pointers reach untouched bytes of the frame: who has one may use it."""
        base, offset = state.sp
        return state.touched > offset and \
            state.exposed < (state.touched if base is ENTRY else NEVER)

    def _turn_on(self, state: State, site) -> None:
        name = "preempt" if site.turn == PREEMPT_ON else "irq"
        count, exact = getattr(state, name)
        if count == 0:
            self.wrong(site.pc, "unbalanced", "leaves a section that was not entered here")
            return
        if site.turn == IRQS_ON and site.rule == 4 and (count != 1 or not exact):
            self.wrong(site.pc, "opens-nested", "opens interrupts although an outer section "
                       "wants them off")
        setattr(state, name, (count - 1, exact))
        if name == "irq" and count == 1:
            self._interrupts_on(state, site.pc)
        if state.preemptible:
            state.sections = frozenset()
            self._opens(state, site.pc, state.locks)

    def _interrupts_on(self, state: State, address: int) -> None:
        """Whatever lock was taken since they were turned off is one that they take, too."""
        if state.locks > state.locks_before:
            self.wrong(address, "lock", "interrupts are on while a spinlock is held that they take")

    def _opens(self, state: State, address: int, locks: int) -> None:
        """Preemptible from here on, with `locks` more held than at entry. Who is entered
        preemptible held none then; of others the caller knows how many."""
        self.left.add(self.node)
        if self.context.level not in HOLDING_NONE:
            self.summary.opens |= {locks}
        elif locks:
            self.wrong(address, "lock", f"{locks} spinlocks are held where the section ends: a "
                       "stack fault could wait for one" if locks > 0 else "more spinlocks have "
                       "been given back than taken where the section ends")

    def _check_windows(self) -> None:
        """Depth against window, for the sections that were opened here."""
        for pc, note in self.summary.sites.items():
            begun = pc == self.start and self.context.level in BEGUN_IN
            window = BEGUN_IN[self.context.level] if begun else self.program.window_of(pc)
            if window is None or note.gap < 0 and not begun:
                continue
            if note.depth > window:
                depth = "an unknown number of" if note.depth >= NEVER // 2 else note.depth
                self.wrong(pc, "too-deep", f"the section goes {depth} bytes below sp; its window "
                           f"is {window}", note.depth - window)
            elif not window and note.touches_new:
                self.wrong(pc, "too-deep", "the section has a pointer to stack that was not "
                           "touched before; its window is 0")
