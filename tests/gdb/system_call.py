#!/usr/bin/python3
"""A backtrace in a system call goes on into the code that made it, on whatever stack that is: at a
thread's first call, right where a later one arrives, and in the call."""

import session

TEST = "run=tests 'test=sched: a thread blocks inside a system call*'"
PLACES = ("fathom_prepare_system_call", "*fathom_system_call_entry", "fathom_system_call")


def main():
    options = session.arguments()
    traces = {place: f"bt {20 + number}" for number, place in enumerate(PLACES)}
    commands = [command for place in PLACES
                for command in (f"tbreak {place}", "continue", traces[place])]
    with session.boot(options.arch, options.build, TEST, debug=True) as guest:
        seen = session.gdb(guest, *commands)
    for place, trace in traces.items():
        for function in ("fathom::system_call (", "Crew<", "thread_entry<"):
            session.expect(function in seen[trace], f"from {place} back to {function}", str(seen))
    print("ok: from each place back to the caller")


if __name__ == "__main__":
    main()
