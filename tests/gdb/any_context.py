#!/usr/bin/python3
"""Under a policy by which stacks grow in any context, a fault in a section breaks no rule.

What would break without it: GDB calls a mistake what the policy is about.
"""

import session


def main():
    options = session.arguments()
    with session.boot(options.arch, options.build, "panic_test=fault_while_atomic",
                      debug=True) as guest:
        seen = session.gdb(guest, "fathom break-populate", "continue", "fathom fault")
    session.expect("about to populate 0x" in seen["continue"], "it stops", str(seen))
    text = seen["fathom fault"]
    session.expect("preemption depth 1" in text, "in a section", str(seen))
    session.expect("a stack grows in any context" in text, "which is legal", str(seen))
    print("ok: any context")


if __name__ == "__main__":
    main()
