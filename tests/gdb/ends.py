#!/usr/bin/python3
"""Before the kernel has page tables and after its end each command says so in a sentence.

What would break without it: the first command that one types, at the kernel's first instruction, is
answered with an address that cannot be accessed.
"""

import session

# pylint: disable=wrong-import-position
from run.elf_entry import first_instruction

ASKING = ("threads", "stack 1", "fault", "faults", "why", "trace", "pt $pc", "apply 1 bt",
          "frame $sp")


def main():
    options = session.arguments()
    first = first_instruction(options.build / "fathom.elf")
    with session.boot(options.arch, options.build, "run=search", debug=True) as guest:
        seen = session.gdb(guest, f"thbreak *{first:#x}", "continue",
                           *(f"fathom {words}" for words in ASKING), "fathom rules",
                           "tbreak kernel_main", "continue ", "fathom fault ", "kill",
                           *(f"fathom {words}  " for words in ASKING), "fathom rules  ")
    for words in ASKING:
        session.expect(seen[f"fathom {words}"].startswith("the kernel has no page tables yet"),
                       f"{words} at the beginning", str(seen))
        session.expect(seen[f"fathom {words}  "].startswith("the kernel has ended"),
                       f"{words} after the end", str(seen))
    session.expect("no stack fault" in seen["fathom fault "], "and in between it is asked",
                   str(seen))
    for rules in ("fathom rules", "fathom rules  "):
        session.expect("rule 5" in seen[rules], "what the image says can always be asked",
                       str(seen))
    print("ok: the beginning and the end")


if __name__ == "__main__":
    main()
