#!/usr/bin/python3
"""`fathom why` explains the stack fault that is being handled: instruction, page, legality.

What would break without it: an explanation that names other code than what faulted, or calls a
broken rule legal.
"""

import re

import session


def stop_and_ask(options, trigger):
    with session.boot(options.arch, options.build, f"panic_test={trigger}", debug=True) as guest:
        place = "break *'fathom::handle_page_fault_trap(fathom::arch::TrapFrame&, " \
                "fathom::VirtAddr)'"
        return session.gdb(guest, place, "continue", "fathom why", "fathom fault")


def check_populate(options):
    """fathom break-populate stops at a touch that breaks a rule, and the stack is drawn with it."""
    with session.boot(options.arch, options.build, "panic_test=fault_while_atomic",
                      debug=True) as guest:
        seen = session.gdb(guest, "fathom break-populate", "continue", "fathom fault",
                           "fathom stack 6")
    session.expect("BREAKS A RULE: a touch of 0x" in seen["continue"], "it stops", str(seen))
    session.expect("BREAKS A RULE: populating" in seen["fathom fault"], "it is explained",
                   str(seen))
    stack = seen["fathom stack 6"]
    session.expect(re.search(r" 1 page  populated  <- sp 0x", stack), "sp is where it was", stack)
    session.expect(re.search(r" 1 page  absent     <- touched 0x", stack), "so is the touch", stack)


def check_panic(options, trigger, words):
    """At a panic both commands explain the page fault that it is about."""
    with session.boot(options.arch, options.build, f"panic_test={trigger}", debug=True) as guest:
        seen = session.gdb(guest, "tbreak fathom::arch::power_off", "continue", "fathom why",
                           "fathom fault", "print 1")
    text = seen["fathom why"]
    session.expect(text.startswith("the kernel ends with this page fault:") and words in text,
                   f"{trigger} is explained", str(seen))
    session.expect(seen["fathom fault"] == text, "by both", str(seen))


def main():
    options = session.arguments()
    seen = stop_and_ask(options, "overflow_by_recursion")
    text = seen["fathom why"]
    session.expect("The fault is legal here" in text, "a first touch is legal", str(seen))
    session.expect(re.search(r"^in  +0x[0-9a-f]{16}  \S+ \+0x", text, re.MULTILINE),
                   "the code is named", str(seen))
    found = re.search(r"it (wrote to|read) (0x[0-9a-f]+): page (\d+) from the top of thread (\d+)",
                      text)
    session.expect(found, "page and thread are named", str(seen))
    session.expect(seen["fathom fault"].startswith(text), "fathom fault says the same", str(seen))

    seen = stop_and_ask(options, "fault_while_atomic")
    text = seen["fathom why"]
    session.expect("BREAKS A RULE" in text, "a fault in a section is not legal", str(seen))
    session.expect("fault_while_atomic" in text, "its code is named", str(seen))
    session.expect("preemption depth 1" in text, "so is the depth", str(seen))
    check_populate(options)
    check_panic(options, "fault_while_atomic", "BREAKS A RULE")
    check_panic(options, "overflow_by_recursion", "STACK OVERFLOW")
    check_panic(options, "null_read", "this is no stack fault")
    print("ok: why")


if __name__ == "__main__":
    main()
