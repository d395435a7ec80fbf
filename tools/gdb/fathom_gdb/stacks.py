"""`fathom stack`: one thread's stack, page by page."""

import gdb

from . import breakpoints, kernel, threads, why


def runs_of_pages(lowest, top, marked):
    """[(lowest page, number of pages, populated)] from the top down; `marked` pages stand alone."""
    walk = kernel.PageWalk()
    pages = []
    address = lowest
    while address < top:
        present, end = walk.present_until(address)
        end = min(end, top)
        cuts = sorted({page for page in marked if address <= page < end}
                      | {page + kernel.PAGE for page in marked if address <= page < end})
        for begin, stop in zip([address, *cuts], [*cuts, end]):
            if begin == stop:
                continue
            last = pages[-1] if pages else None
            joins = last and last[2] == present and begin not in marked and last[0] not in marked
            if joins:
                pages[-1] = (last[0], last[1] + (stop - begin) // kernel.PAGE, present)
            else:
                pages.append((begin, (stop - begin) // kernel.PAGE, present))
        address = end
    return reversed(pages)


def stack_pointer(thread, cpu):
    """Where the thread's sp is; of a CPU in a handler, where it was when the trap came: that of the
    innermost frame on this stack."""
    if cpu is None:
        return thread.parked_registers()[1]
    before = gdb.selected_thread()
    cpu.switch()
    name = "rsp" if kernel.is_x86() else "sp"
    try:
        frame = gdb.newest_frame()
        while frame is not None:
            value = frame.read_register(name).cast(gdb.lookup_type("unsigned long"))
            if thread.holds(int(value)):
                return int(value)
            frame = frame.older()
        return kernel.register("sp")
    finally:
        before.switch()


def touched(thread):
    """The address in the thread's stack for whose page fault the kernel has stopped, or None."""
    fault = why.Fault.at_entry() if breakpoints.in_handler() else why.Fault.of_panic()
    return fault.address if fault is not None and thread.holds(fault.address) else None


class Stack(kernel.Command):
    """Draws a thread's stack page by page, highest first.

    fathom stack ID        guard, absent and populated pages, where sp is, and at a fault
                           what was touched"""

    name = "stack"

    def run(self, words):
        if len(words) != 1:
            raise gdb.GdbError("usage: fathom stack ID")
        thread = threads.by_id(kernel.number(words[0]))
        cpu = threads.running().get(thread.address)
        top = thread.stack_top
        lowest = thread.stack_lowest
        pages = (top - lowest) // kernel.PAGE
        sp = stack_pointer(thread, cpu)
        kind = "lazily populated" if thread.is_application else "populated"
        kernel.say(f"thread {thread.id} \"{thread.name}\": {thread.stack_pages * 4} KiB, {kind}, "
                   f"top {top:#018x}")
        populated = self._draw(lowest, top, {"sp": sp, "touched": touched(thread)})
        kernel.say(f"{populated} of {pages} pages populated (the lowest is for prefaults)")

    @staticmethod
    def _draw(lowest, top, places):
        """Prints the lines, with the `places` by their names; returns how many pages are populated.
        """
        total = 0
        marks = {}
        for name, address in places.items():
            if address is not None:
                page = address & ~(kernel.PAGE - 1)
                marks[page] = marks.get(page, "") + f"  <- {name} {address:#018x}"
        for begin, count, present in runs_of_pages(lowest, top, set(marks)):
            state = "populated" if present else "absent"
            total += count if present else 0
            mark = marks.get(begin, "")
            kernel.say(f"  {begin:#018x} {count:>7} page{' ' if count == 1 else 's'} "
                       f"{state:<9}{mark}".rstrip())
        kernel.say(f"  {lowest - kernel.PAGE:#018x}         guard, never mapped")
        if not lowest <= places["sp"] < top:
            kernel.say(f"  sp {places['sp']:#018x} is not on this stack")
        return total


Stack()
