#!/usr/bin/python3
"""GDB joins a kernel in mid-run and reads the last stack fault: whose it was, and where.

Without it, the trace rings could change their layout and GDB would read nonsense unnoticed.
"""

import re

import session

FAULT = re.compile(r"thread (\d+) +stack_fault +address (0x[0-9a-f]+), page (\d+) from the top")
THREAD = re.compile(r'^thread (\d+) "panic_test" application', re.MULTILINE)
STACK = re.compile(r'"panic_test": 64 KiB, lazily populated, top (0x[0-9a-f]+)')


def main():
    options = session.arguments()
    with session.boot(options.arch, options.build, "panic_test=spin_for_ever") as guest:
        session.wait_until_hung(guest)
        seen = session.gdb(guest, "fathom threads -brief", "fathom faults 1")
        thread = THREAD.search(seen["fathom threads -brief"])
        session.expect(thread, "the spinning thread is listed", str(seen))
        fault = FAULT.search(seen["fathom faults 1"])
        session.expect(fault, "a stack fault is shown", str(seen))
        session.expect(fault.group(1) == thread.group(1), "it is the spinning thread's", str(seen))

        command = f"fathom stack {thread.group(1)}"
        stack = session.gdb(guest, command)[command]
        top = STACK.search(stack)
        session.expect(top, "its stack is drawn", stack)
        page = (int(top.group(1), 16) - 1 - int(fault.group(2), 16)) // 4096
        session.expect(page == int(fault.group(3)), f"the fault is on page {page}", stack)
        session.expect(page == 5, "it is the page that the trigger touches", stack)
    print("ok: the last stack fault was read from a running kernel")


if __name__ == "__main__":
    main()
