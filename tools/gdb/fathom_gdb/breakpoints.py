"""`fathom break-populate`: stop when a stack page is about to be populated."""

import gdb

from . import kernel, threads

# The fault handler calls it once the fault is known to be legal (mm/page_fault.cpp).
PLACE = "fathom::mm::ThreadStack::install"


def fault_address():
    """What the selected CPU faulted on."""
    return kernel.register("cr2" if kernel.is_x86() else "FAR_EL1")


class PopulateBreakpoint(gdb.Breakpoint):
    """Stops where a page of a lazy stack is about to appear; of one thread's if one is told."""

    def __init__(self, thread_id):
        self.thread_id = None
        super().__init__(PLACE, type=gdb.BP_BREAKPOINT)
        self.thread_id = thread_id

    def stop(self):
        address = fault_address()
        thread = threads.at(threads.current_of_selected_cpu())
        if self.thread_id is not None and thread.id != self.thread_id:
            return False
        page = (thread.stack_top - 1 - address) // kernel.PAGE
        gdb.write(f"about to populate {address:#018x}: page {page} from the top of thread "
                  f"{thread.id} \"{thread.name}\"\n")
        return True


class BreakPopulate(kernel.Command):
    """Stops whenever a page of a lazily populated stack is about to be populated.

    fathom break-populate        for any thread
    fathom break-populate ID     only when this thread runs

The breakpoint is an ordinary one: delete it by its number."""

    name = "break-populate"

    def run(self, words):
        if len(words) > 1:
            raise gdb.GdbError("usage: fathom break-populate [ID]")
        PopulateBreakpoint(kernel.number(words[0]) if words else None)


BreakPopulate()
