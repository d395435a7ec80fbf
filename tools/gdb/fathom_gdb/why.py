"""`fathom fault` and `fathom why`: a stack fault, explained; in a recorded run by going back to it.
"""

import contextlib

import gdb

from . import breakpoints, frames, kernel, quiet, threads, tracing

# What a panic may be about (panic/cause.hpp) that the fault itself does not show.
OF_PANIC = {"stack_overflow": "It lies in the gap below a stack: a STACK OVERFLOW.",
            "dead_stack": "It lies in the stack of a thread that has ended."}
X86_WRITE, X86_FETCH = 1 << 1, 1 << 4  # the page fault's error code
ESR_WRITE = 1 << 6
NOTED_CAUSE = "fathom::noted_cause(unsigned int)"
ESR_CLASS, ESR_FETCH = 26, (0x20, 0x21)  # the exception class; those of an instruction abort


class Fault:
    """A page fault: what was touched, how, by whom, from where."""

    def __init__(self, frame, address, access):
        self.address = address
        self.access = access
        self.special = None  # what else is known, as a sentence
        self.word = int(frame["context_word"])
        self.irqs_on = breakpoints.irqs_were_on(frame)
        self.legal = breakpoints.is_legal(frame)
        self.preemptible = breakpoints.was_preemptible(frame)
        self.owner = breakpoints.owner_of(self.address)
        pc, sp = ("rip", "rsp") if kernel.is_x86() else ("pc", "sp")
        self.pc, self.sp = int(frame[pc]), int(frame[sp])

    @classmethod
    def at_entry(cls):
        """The one at whose handler's entry the selected CPU stands."""
        frame, address = breakpoints.fault_at_entry()
        return cls(frame, address, access_of(frame))

    @classmethod
    def of_panic(cls):
        """The one that the kernel ends with, as its trap has noted it (panic/panic_state.hpp), or
        None."""
        causes = kernel.file_static(NOTED_CAUSE, "causes")
        for cpu in range(causes.type.range()[1] + 1):
            kind = str(causes[cpu]["kind"]).rsplit("::", maxsplit=1)[-1]
            if int(causes[cpu]["frame"]) != 0 and kind not in ("failed_check", "fatal_trap"):
                fault = causes[cpu]["fault"]
                access = str(fault["access"]).rsplit("::", maxsplit=1)[-1]
                found = cls(causes[cpu]["frame"].dereference(), int(fault["address"]["value"]),
                            access)
                found.special = OF_PANIC.get(kind)
                return found
        return None


def access_of(frame):
    """How the page was touched: write, read or execute."""
    if kernel.is_x86():
        code = int(frame["error_code"])
        write, fetch = code & X86_WRITE, code & X86_FETCH
    else:
        syndrome = kernel.register("ESR_EL1")
        write, fetch = syndrome & ESR_WRITE, syndrome >> ESR_CLASS in ESR_FETCH
    return "execute" if fetch else "write" if write else "read"


def replaying():
    """Whether QEMU plays a recorded run, in which one can go back."""
    try:
        return "Replaying" in gdb.execute("monitor info replay", to_string=True)
    except gdb.error:
        return False


@contextlib.contextmanager
def only_stop_at(address):
    """The user's breakpoints stop nobody meanwhile, and GDB says nothing of where it has been."""
    others = [each for each in gdb.breakpoints() if each.enabled]
    for each in others:
        each.enabled = False
    stop = gdb.Breakpoint(f"*{address:#x}", internal=True)
    stop.silent = True
    try:
        with quiet.quiet():
            yield
    finally:
        stop.delete()
        for each in others:
            each.enabled = True


def go_back_to_fault():
    """Runs backwards to the entry of the last page fault."""
    function = gdb.lookup_global_symbol(breakpoints.PLACE)
    with only_stop_at(int(function.value().address)):
        gdb.execute("reverse-continue", to_string=True)
    if not breakpoints.in_handler():
        raise gdb.GdbError("no stack fault lies before this point of the recording")


def go_back_to_instruction(pc):
    """From the handler's entry back to the instruction that faulted."""
    with only_stop_at(pc):
        gdb.execute("reverse-continue", to_string=True)
        # QEMU stops behind the trap, and counts it and its instruction as one: a step too far back
        # and one on.
        for step in ("reverse-stepi", "stepi"):
            if kernel.register("pc") != pc:
                gdb.execute(step, to_string=True)


def explain(fault):
    """The fault in sentences."""
    code = gdb.execute(f"x/i {fault.pc:#x}", to_string=True).partition(":\t")[2]
    gdb.write(f"instruction  {' '.join(code.split())}\n")
    kernel.say(f"in           {kernel.describe_code(fault.pc)}")
    where = kernel_words(fault)
    verb = {"write": "wrote to", "read": "read"}.get(fault.access, "ran into")
    kernel.say(f"it {verb} {fault.address:#018x}: {where}")
    kernel.say(f"context      {frames.describe_word(fault.word)}, "
               f"interrupts {'on' if fault.irqs_on else 'off'}")
    if fault.special is not None:
        kernel.say(f"{fault.special}\nread next: docs/panics.md")
    elif fault.owner is None:
        kernel.say("No lazily populated stack lies there: this is no stack fault.")
    elif fault.legal and not fault.preemptible:
        kernel.say("Nobody had touched that page, so it had no memory. The fault is legal here:\n"
                   "by this kernel's stack policy a stack grows in any context, by frames that\n"
                   "are set aside for that. The instruction runs again.\n"
                   "read next: docs/policies.md")
    elif fault.legal:
        kernel.say("Nobody had touched that page, so it had no memory. The fault is legal here:\n"
                   "the handler gives the page a zeroed frame, and the instruction runs again.\n"
                   "read next: docs/first-touch.md")
    else:
        kernel.say("The fault BREAKS A RULE: populating a page may have to wait for memory, and\n"
                   "who is atomic must not wait. Compare the distance below sp with the site's\n"
                   "window.\n"
                   "read next: docs/panics.md, \"A broken rule\"")


def kernel_words(fault):
    """Where the touched byte lies: page, thread, distance from sp."""
    if fault.owner is None:
        return "not a stack"
    page = (fault.owner.stack_top - 1 - fault.address) // kernel.PAGE
    distance = fault.sp - fault.address
    return (f"page {page} from the top of thread {fault.owner.id} \"{fault.owner.name}\",\n"
            f"             {abs(distance)} bytes {'below' if distance > 0 else 'above'} sp")


def explain_event():
    """The last stack fault as the trace rings have it: it is over, its code is not known."""
    faults = [event for event in tracing.all_events() if event.id == tracing.STACK_FAULT]
    if not faults:
        kernel.say("no stack fault has been recorded yet")
        return
    last = faults[-1]
    address, page = last.payload
    names = {thread.id: thread.name for thread in threads.every()}
    name = f" \"{names[last.thread]}\"" if last.thread in names else ", which has ended"
    present = kernel.PageWalk().is_present(address)
    kernel.say(f"last stack fault: thread {last.thread}{name} touched {address:#018x},\n"
               f"page {page} from the top of its stack, on CPU {last.cpu}; the page is "
               f"{'there' if present else 'gone'} now")


def explain_past():
    """What is known of a fault that is over: the one of a panic all, of another that it was.
    Returns whether there is more to find out."""
    fault = Fault.of_panic()
    if fault is None:
        explain_event()
        return True
    kernel.say("the kernel ends with this page fault:")
    explain(fault)
    return False


class FaultCommand(kernel.Command):
    """Explains the stack fault that is being handled, or the last one.

    fathom fault      after fathom break-populate: which instruction, whose page, legal or not;
                      at a panic: the same of the page fault that the kernel ends with"""

    name = "fault"

    def run(self, words):
        if words:
            raise gdb.GdbError("usage: fathom fault")
        if breakpoints.in_handler():
            explain(Fault.at_entry())
        else:
            explain_past()


class Why(kernel.Command):
    """Why did the last stack fault happen?

    fathom why        in a recorded run (make rewind-x86, make rewind-arm): goes back to the
                      instruction that caused it, and explains it; elsewhere: as fathom fault"""

    name = "why"

    def run(self, words):
        if words:
            raise gdb.GdbError("usage: fathom why")
        recorded = replaying()
        if recorded and not breakpoints.in_handler():
            go_back_to_fault()
        if not breakpoints.in_handler():
            if explain_past():
                kernel.say("its instruction is over: stop at the next with fathom break-populate,\n"
                           "or record the run and go back: make record-x86, then make rewind-x86,\n"
                           "or record-arm and rewind-arm")
            return
        fault = Fault.at_entry()
        if recorded:
            go_back_to_instruction(fault.pc)
        explain(fault)


FaultCommand()
Why()
