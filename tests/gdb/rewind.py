#!/usr/bin/python3
"""Time travel: in a recorded run `fathom why` goes back to the instruction of the last stack fault.

What would break without it: a recording that does not play, a way back that ends elsewhere.
"""

import pathlib
import re
import tempfile

import session

# pylint: disable=wrong-import-position
from run import record
from run.guest import Guest
from run.options import parse


def main():
    options = session.arguments()
    with tempfile.TemporaryDirectory(prefix="fathom-record-") as folder:
        arguments = ["--arch", options.arch, "--build", str(options.build), "--smp", "1", "--mem",
                     "64M", "--args", "run=search threads=2", "--record", folder + "/record",
                     "--log", folder + "/recorded.log"]
        recording = parse(arguments)
        record.prepare(recording, arguments)
        with Guest(recording) as guest:
            session.expect(guest.wait().status == 0, "the recorded run ends well",
                           "\n".join(guest.lines))
        with Guest(record.options_of(pathlib.Path(folder) / "record")) as guest:
            # The user's breakpoint lies in between, and it stays what it is.
            seen = session.gdb(guest, "tbreak fathom::arch::power_off", "continue",
                               "break fathom::exit_thread", "fathom why", "x/i $pc",
                               "info breakpoints", "kill")
    text = seen["fathom why"]
    session.expect("The fault is legal here" in text, "the last fault is explained", str(seen))
    code = re.search(r"^in +(0x[0-9a-f]{16})  ", text, re.MULTILINE)
    session.expect(code, "its instruction is named", str(seen))
    session.expect(f"=> {code.group(1)} " in seen["x/i $pc"], "and there we are", str(seen))
    session.expect(text.startswith("instruction ") and "SIGTRAP" not in text,
                   "nothing else is said", text)
    session.expect(re.search(r" keep y .* in fathom::exit_thread", seen["info breakpoints"]),
                   "the breakpoint is as before", str(seen))
    print("ok: back at the instruction of the last stack fault")


if __name__ == "__main__":
    main()
