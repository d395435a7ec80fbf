"""`fathom break-populate`: stop when a stack page is about to be populated."""

import gdb

from . import kernel, threads

# Where every page fault is judged (mm/page_fault.cpp). What follows is inlined into it, so the
# breakpoint stands at its first instruction and asks the same questions itself.
PLACE = "fathom::mm::handle_page_fault(fathom::FaultInfo const&, fathom::IrqsDisabled)"
DEPTH_BITS = 0x7FFFFFFF  # context/context_word.hpp


def fault_at_entry():
    """The FaultInfo that the handler was just called with: its first argument."""
    argument = kernel.register("rdi" if kernel.is_x86() else "x0")
    pointer = gdb.lookup_type("fathom::FaultInfo").pointer()
    return gdb.Value(argument).cast(pointer).dereference()


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
    """Stops where a page of a lazy stack is about to appear; of one thread's if one is told."""

    def __init__(self, thread_id):
        self.thread_id = thread_id
        function = gdb.lookup_global_symbol(PLACE)
        if function is None:
            raise gdb.GdbError(f"the kernel's debug information has no {PLACE}")
        super().__init__(f"*{int(function.value().address):#x}", type=gdb.BP_BREAKPOINT)

    def stop(self):
        fault = fault_at_entry()
        address = int(fault["address"]["value"])
        legal = int(fault["context_word"]) & DEPTH_BITS == 0 and bool(fault["irqs_on"])
        if not legal or bool(fault["protection"]):
            return False
        thread = owner_of(address)
        if thread is None or self.thread_id not in (None, thread.id):
            return False
        if kernel.PageWalk().is_present(address):
            return False
        page = (thread.stack_top - 1 - address) // kernel.PAGE
        gdb.write(f"about to populate {address:#018x}: page {page} from the top of thread "
                  f"{thread.id} \"{thread.name}\"\n")
        return True


class BreakPopulate(kernel.Command):
    """Stops whenever a page of a lazily populated stack is about to be populated.

    fathom break-populate        of any thread's stack
    fathom break-populate ID     only of this thread's

The breakpoint is an ordinary one: delete it by its number."""

    name = "break-populate"

    def run(self, words):
        if len(words) > 1:
            raise gdb.GdbError("usage: fathom break-populate [ID]")
        PopulateBreakpoint(kernel.number(words[0]) if words else None)


BreakPopulate()
