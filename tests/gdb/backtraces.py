#!/usr/bin/python3
"""A backtrace ends where its stack begins, and goes on through the panic's change of stacks.

What would break without it: the last lines of each backtrace, that of a hang too, are garbage; and
at a panic GDB shows the report instead of the code that failed.
"""

import re

import session

# Where threads and CPUs begin.
OUTERMOST = re.compile(r"^#\d+ .*\b(thread_entry<|fathom_secondary_arrive|secondary_entry"
                       r"|fathom_boot|enter_image)")
GARBAGE = ("corrupt stack", "Cannot access memory", "?? ()")


def check_end(what, text):
    """The last level is one that nobody calls, and nothing comes after it."""
    lines = [line for line in text.splitlines() if line]
    session.expect(lines and OUTERMOST.match(lines[-1]), f"{what} ends where it begins", text)
    session.expect(not any(word in text for word in GARBAGE), f"{what} has no garbage", text)


def check_boot(options):
    with session.boot(options.arch, options.build, "run=search", debug=True) as guest:
        seen = session.gdb(guest, "tbreak kernel_main", "continue", "bt", "kill")
    check_end("the boot CPU's", seen["bt"])


def check_threads(options):
    with session.boot(options.arch, options.build, "panic_test=spin_for_ever", smp=2) as guest:
        session.wait_until_hung(guest)
        seen = session.gdb(guest, "fathom apply all bt", "thread apply all bt", "kill")
    for command, begin in (("fathom apply all bt", "thread "), ("thread apply all bt", "Thread ")):
        blocks = re.split(rf"^(?={begin})", seen[command], flags=re.MULTILINE)[1:]
        session.expect(len(blocks) > 1, "several backtraces", seen[command])
        for block in blocks:
            check_end(block.splitlines()[0], block)


def check_panic(options, trigger, functions, traps):
    """From the report back to the trigger, in this order, over so many changes of stack."""
    commands = ("tbreak fathom::arch::power_off", "continue", "bt", "kill")
    with session.boot(options.arch, options.build, f"panic_test={trigger}", debug=True) as guest:
        text = session.gdb(guest, *commands)["bt"]
    wanted = ("handle_panic", "<signal handler called>", *functions, "thread_entry<")
    found = re.search(".*".join(map(re.escape, wanted)), text, re.DOTALL)
    session.expect(found, f"from the report to {trigger}", text)
    session.expect(text.count("<signal handler called>") == traps, f"{traps} changes", text)
    check_end(trigger, text)


def main():
    options = session.arguments()
    check_boot(options)
    check_threads(options)
    check_panic(options, "failed_assertion", ["triggers::failed_assertion"], 1)
    check_panic(options, "fault_while_atomic",
                ["report_broken_rule", "<signal handler called>", "triggers::fault_while_atomic"],
                2)
    print("ok: backtraces")


if __name__ == "__main__":
    main()
