"""`fathom fault` and `fathom why`: a stack fault, explained; in a recorded run by going back to it.
"""

import gdb

from . import breakpoints, frames, kernel, threads, tracing

HANDLERS = 12  # frames between the handler and the code that it interrupted, at most


class Fault:
    """The page fault that a CPU is handling: what was touched, by whom, from where."""

    def __init__(self):
        info = breakpoints.fault_at_entry()
        self.address = int(info["address"]["value"])
        self.access = str(info["access"]).rsplit("::", maxsplit=1)[-1]
        self.word = int(info["context_word"])
        self.irqs_on = bool(info["irqs_on"])
        self.owner = breakpoints.owner_of(self.address)
        self.pc, self.sp = interrupted()

    @property
    def legal(self):
        return self.word & breakpoints.DEPTH_BITS == 0 and self.irqs_on


def interrupted():
    """(pc, sp) of the code that the fault interrupted, from its trap frame; (None, None) where that
    is not found."""
    pointer = gdb.lookup_type("fathom::arch::TrapFrame").pointer()
    address = trap_frame_address(pointer.target().sizeof)
    if address is None:
        return None, None
    frame = gdb.Value(address).cast(pointer).dereference()
    if kernel.is_x86():
        return int(frame["rip"]), int(frame["rsp"])
    return int(frame["pc"]), int(frame["sp"])


def trap_frame_address(size):
    """Where the trap frame lies. x86_64: at sp of the gate that called the handler. aarch64: at the
    very top of the CPU's trap stack (vectors.S), of which the handler has used little as yet."""
    if not kernel.is_x86():
        return (kernel.register("sp") | kernel.PAGE - 1) + 1 - size
    gate = kernel.symbol_address("fathom_page_fault_gate")
    after = kernel.symbol_address("fathom_debug_gate")
    here = gdb.newest_frame()
    for _ in range(HANDLERS):
        if here is None or gate <= here.pc() < after:
            break
        here = here.older()
    return None if here is None else int(here.read_register("rsp")) & kernel.MAX_64


def in_handler():
    """Whether the selected CPU stands at the beginning of the page-fault handler."""
    function = gdb.lookup_global_symbol(breakpoints.PLACE)
    return function is not None and kernel.register("pc") == int(function.value().address)


def replaying():
    """Whether QEMU plays a recorded run, in which one can go back."""
    try:
        return "Replaying" in gdb.execute("monitor info replay", to_string=True)
    except gdb.error:
        return False


def go_back_to_fault():
    """Runs backwards to the entry of the last page fault."""
    function = gdb.lookup_global_symbol(breakpoints.PLACE)
    stop = gdb.Breakpoint(f"*{int(function.value().address):#x}", internal=True)
    try:
        gdb.execute("reverse-continue", to_string=True)
    finally:
        stop.delete()
    if not in_handler():
        raise gdb.GdbError("no stack fault lies before this point of the recording")


def go_back_to_instruction(pc):
    """From the handler's entry back to the instruction that faulted."""
    stop = gdb.Breakpoint(f"*{pc:#x}", internal=True)
    try:
        gdb.execute("reverse-continue", to_string=True)
    finally:
        stop.delete()


def explain(fault):
    """The fault in sentences."""
    if fault.pc is not None:
        code = gdb.execute(f"x/i {fault.pc:#x}", to_string=True).partition(":\t")[2]
        gdb.write(f"instruction  {' '.join(code.split())}\n")
        gdb.write(f"in           {kernel.describe_code(fault.pc)}\n")
    where = kernel_words(fault)
    verb = {"write": "wrote to", "read": "read"}.get(fault.access, "ran into")
    gdb.write(f"it {verb} {fault.address:#018x}: {where}\n")
    gdb.write(f"context      {frames.describe_word(fault.word)}, "
              f"interrupts {'on' if fault.irqs_on else 'off'}\n")
    if fault.owner is None:
        gdb.write("No lazily populated stack lies there: this is no stack fault.\n")
    elif fault.legal:
        gdb.write("Nobody had touched that page, so it had no memory. The fault is legal here:\n"
                  "the handler gives the page a zeroed frame, and the instruction runs again.\n"
                  "read next: docs/first-touch.md\n")
    else:
        gdb.write("The fault BREAKS A RULE: populating a page may have to wait for memory, and\n"
                  "who is atomic must not wait. Compare the distance below sp with the site's\n"
                  "window.\n"
                  "read next: docs/panics.md, \"A broken rule\"\n")


def kernel_words(fault):
    """Where the touched byte lies: page, thread, distance from sp."""
    if fault.owner is None:
        return "not a stack"
    page = (fault.owner.stack_top - 1 - fault.address) // kernel.PAGE
    text = f"page {page} from the top of thread {fault.owner.id} \"{fault.owner.name}\""
    if fault.sp is not None:
        distance = fault.sp - fault.address
        text += (f",\n             {distance} bytes below sp" if distance > 0
                 else f",\n             {-distance} bytes above sp")
    return text


def explain_event():
    """The last stack fault as the trace rings have it: it is over, its code is not known."""
    faults = [event for event in tracing.all_events() if event.id == tracing.STACK_FAULT]
    if not faults:
        gdb.write("no stack fault has been recorded yet\n")
        return
    last = faults[-1]
    address, page = last.payload
    names = {thread.id: thread.name for thread in threads.every()}
    name = f" \"{names[last.thread]}\"" if last.thread in names else ", which has ended"
    present = kernel.PageWalk().is_present(address)
    gdb.write(f"last stack fault: thread {last.thread}{name} touched {address:#018x},\n"
              f"page {page} from the top of its stack, on CPU {last.cpu}; the page is "
              f"{'there' if present else 'gone'} now\n")


class FaultCommand(kernel.Command):
    """Explains the stack fault that is being handled, or tells the last one.

    fathom fault      after fathom break-populate: which instruction, whose page, legal or not"""

    name = "fault"

    def run(self, words):
        if words:
            raise gdb.GdbError("usage: fathom fault")
        if in_handler():
            explain(Fault())
        else:
            explain_event()


class Why(kernel.Command):
    """Why did the last stack fault happen? In a recorded run (make rewind-arm) it goes back to
    the instruction that caused it, and explains it there.

    fathom why        elsewhere: as fathom fault, at the fault that is being handled"""

    name = "why"

    def run(self, words):
        if words:
            raise gdb.GdbError("usage: fathom why")
        recorded = replaying()
        if recorded and not in_handler():
            go_back_to_fault()
        if not in_handler():
            explain_event()
            gdb.write("its instruction is over: stop at the next with fathom break-populate, or\n"
                      "record the run (make record-arm) and go back (make rewind-arm)\n")
            return
        fault = Fault()
        if recorded and fault.pc is not None:
            go_back_to_instruction(fault.pc)
        explain(fault)


FaultCommand()
Why()
