"""`fathom break-populate`: stop when a stack page is about to be populated."""

import gdb

from . import kernel, threads

# Where every page fault arrives (sched/trap_dispatch.cpp). What follows is inlined into it, so the
# breakpoint stands at its first instruction and asks the same questions itself.
PLACE = "fathom::handle_page_fault_trap(fathom::arch::TrapFrame&, fathom::VirtAddr)"
# Linked only where the policy lets stacks grow in any context (sched/trap_dispatch.cpp).
GROWTH = "fathom::mm::request_growth_refill(fathom::IrqsDisabled)"
DEPTH_BITS = 0x7FFFFFFF  # context/context_word.hpp
RFLAGS_IF = 1 << 9
PSTATE_I = 1 << 7


def fault_at_entry():
    """The trap frame and the faulting address: the handler's two arguments."""
    frame, address = ("rdi", "rsi") if kernel.is_x86() else ("x0", "x1")
    pointer = gdb.lookup_type("fathom::arch::TrapFrame").pointer()
    return (gdb.Value(kernel.register(frame)).cast(pointer).dereference(),
            kernel.register(address))


def in_handler():
    """Whether the selected CPU stands at the beginning of the page-fault handler."""
    function = gdb.lookup_global_symbol(PLACE)
    return function is not None and kernel.register("pc") == int(function.value().address)


def irqs_were_on(frame):
    """Whether the interrupted code had its interrupts open."""
    if kernel.is_x86():
        return int(frame["rflags"]) & RFLAGS_IF != 0
    return int(frame["pstate"]) & PSTATE_I == 0


def was_preemptible(frame):
    """Whether the interrupted code had interrupts and preemption on."""
    return irqs_were_on(frame) and int(frame["context_word"]) & DEPTH_BITS == 0


def is_legal(frame):
    """Whether the interrupted code might touch a stack page first: under most policies only where
    it was preemptible."""
    return was_preemptible(frame) or gdb.lookup_global_symbol(GROWTH) is not None


def owner_of(address):
    """The application thread in whose stack the address lies, or None."""
    current = threads.at(threads.current_of_selected_cpu())
    if current.is_application and current.holds(address):
        return current
    for thread in threads.in_table():
        if thread.is_application and thread.holds(address):
            return thread
    return None


class PopulateBreakpoint(gdb.Breakpoint):
    """Stops where a page of a lazy stack is about to appear, or may not; of one thread's if one is
    told."""

    def __init__(self, thread_id):
        self.thread_id = thread_id
        function = gdb.lookup_global_symbol(PLACE)
        if function is None:
            raise gdb.GdbError(f"the kernel's debug information has no {PLACE}")
        super().__init__(f"*{int(function.value().address):#x}", type=gdb.BP_BREAKPOINT)
        self.silent = True  # show_handler() does what GDB would

    def stop(self):
        frame, address = fault_at_entry()
        thread = owner_of(address)
        if thread is None or self.thread_id not in (None, thread.id):
            return False
        if kernel.PageWalk().is_present(address):
            return False
        page = (thread.stack_top - 1 - address) // kernel.PAGE
        legal = is_legal(frame)
        kernel.say(f"{'about to populate' if legal else 'BREAKS A RULE: a touch of'} "
                   f"{address:#018x}: page {page} from the top of thread {thread.id} "
                   f"\"{thread.name}\"" + ("" if legal else "; fathom fault explains"))
        return True


def show_handler(event):
    """Shows the handler at a stop. Its first instruction may be one of an inlined function, which
    is what GDB would show."""
    if not any(isinstance(stopped, PopulateBreakpoint)
               for stopped in getattr(event, "breakpoints", ())):
        return
    frame = gdb.newest_frame()
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    frame.select()
    gdb.execute("frame")


gdb.events.stop.connect(show_handler)


def is_known(thread_id):
    """Whether a thread has that id now; before there are threads, nobody can tell."""
    try:
        kernel.check_kernel()
    except gdb.GdbError:
        return True
    return any(thread.id == thread_id for thread in threads.every())


class BreakPopulate(kernel.Command):
    """Stops whenever a stack page is about to be populated.

    fathom break-populate        of any lazily populated stack
    fathom break-populate ID     only of this thread's

It stops as well where the touch of such a page breaks a rule, and says so.
The breakpoint is an ordinary one: delete it by its number."""

    name = "break-populate"
    asks_kernel = False

    def run(self, words):
        if len(words) > 1:
            raise gdb.GdbError("usage: fathom break-populate [ID]")
        wanted = kernel.number(words[0]) if words else None
        PopulateBreakpoint(wanted)
        if wanted is not None and not is_known(wanted):
            kernel.say(f"no thread has the id {wanted} yet: see fathom threads")


BreakPopulate()
