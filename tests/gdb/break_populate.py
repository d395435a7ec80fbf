#!/usr/bin/python3
"""`fathom break-populate` stops before a page appears, and only for the thread that it is told."""

import re

import session

ABOUT = re.compile(r"about to populate (0x[0-9a-f]+): page (\d+) from the top of thread (\d+) ")


def first_stop(guest):
    """Stops at the first page of the run. The backtrace in the handler goes on into the code that
    it was called for."""
    seen = session.gdb(guest, "fathom break-populate", "continue", "bt 14")
    about = ABOUT.search(seen["continue"])
    session.expect(about, "it stops at a populate", str(seen))
    shown = re.findall(r"^#\d+ +(\S+)", seen["continue"], re.MULTILINE)
    session.expect(shown == ["fathom::handle_page_fault_trap"],
                   "the handler is shown, whatever was inlined into its beginning", str(seen))
    _, trap, interrupted = seen["bt 14"].partition("<signal handler called>")
    session.expect(trap, "the trap's frame", str(seen))
    for level in re.findall(r"^#\d+ .*$", interrupted, re.MULTILINE)[:2]:
        session.expect("recurse (levels=" in level, "the interrupted code's frames", str(seen))
    return about


# The handler's first instruction: the return address is where the call has left it. (`finish` may
# mean a function that was inlined at that place.)
RETURN_ADDRESS = {"x86_64": "*(unsigned long *)$rsp", "aarch64": "$x30"}


def check_presence(arch, guest, address):
    """The page is absent when it stops, and present when the handler has returned."""
    present = ("python print('present', __import__('fathom_gdb.kernel').kernel.PageWalk()"
               f".is_present({address}))")
    later = present + "  # again"
    to_the_end = f"tbreak *({RETURN_ADDRESS[arch]})"
    seen = session.gdb(guest, "fathom break-populate", "continue", present, to_the_end,
                       "continue 1", later)
    session.expect("present False" in seen[present], "the page is not there yet", str(seen))
    session.expect("present True" in seen[later], "the page is there afterwards", str(seen))


def main():
    options = session.arguments()
    arguments = "panic_test=overflow_by_recursion"
    with session.boot(options.arch, options.build, arguments, debug=True) as guest:
        about = first_stop(guest)
    thread = about.group(3)
    with session.boot(options.arch, options.build, arguments, debug=True) as guest:
        check_presence(options.arch, guest, about.group(1))
    # Another boot is the same run (instructions are counted): the same thread faults again.
    with session.boot(options.arch, options.build, arguments, debug=True) as guest:
        command = f"fathom break-populate {thread}"
        seen = session.gdb(guest, command, "continue", "continue 1")
        stops = [ABOUT.search(seen[word]) for word in ("continue", "continue 1")]
        session.expect(all(stops), "it stops twice", str(seen))
        session.expect({stop.group(3) for stop in stops} == {thread}, "for that thread", str(seen))
        session.expect(int(stops[1].group(2)) == int(stops[0].group(2)) + 1,
                       "the recursion takes one page after the other", str(seen))
    with session.boot(options.arch, options.build, arguments, debug=True) as guest:
        seen = session.gdb(guest, "fathom break-populate 999999999", "continue")
        session.expect(not ABOUT.search(seen["continue"]), "not for another thread", str(seen))
    print("ok: break-populate")


if __name__ == "__main__":
    main()
