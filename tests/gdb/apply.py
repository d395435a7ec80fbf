#!/usr/bin/python3
"""`fathom apply` in the place of threads that were preempted, so that all registers are theirs: it
shows where they were, the CPU is as before, and the kernel goes on to its end.

What would break without it: the registers of another thread are left in the CPU, and the kernel
panics some time after one has looked at it.
"""

import re

import session

TEST = "run=tests 'test=sched: a thread that never gives up the CPU is preempted by time'"
# Of the test's two threads one is still parked in its loop when the other begins to wait for it.
TO_THE_WAIT = ("tbreak fathom::kernel_test_15", "continue", "tbreak fathom::join_thread",
               "continue 1")
REGISTERS = {"x86_64": "info registers rip rsp rbp rax rbx rcx rdx rsi rdi r8 r9 r10 r11 r12 r13 "
                       "r14 r15",
             "aarch64": "info registers"}


def check_registers(options):
    """Each command leaves the registers as they were, one that fails and one that goes elsewhere
    too."""
    commands = ("fathom apply all bt 12", "fathom apply all nonsense", "fathom apply all frame 1",
                "fathom apply all thread 2")
    registers = REGISTERS[options.arch]
    places = [f"{registers}{' ' * count}" for count in range(len(commands) + 1)]
    script = [*TO_THE_WAIT, places[0]]
    for command, place in zip(commands, places[1:]):
        script += [command, "thread 1", place]
    script.append("print 1")  # GDB says good-bye below the last command
    with session.boot(options.arch, options.build, TEST, debug=True, smp=2) as guest:
        seen = session.gdb(guest, *script)
        end = guest.wait()
    session.expect("join_thread (" in seen["continue 1"], "it stops in the test", str(seen))
    for command, place in zip(commands, places[1:]):
        session.expect(seen[place] == seen[places[0]] != "", f"{command} changes nothing",
                       f"{seen[command]}\n{seen[places[0]]}\n{seen[place]}")
    blocks = re.split(r"^(?=thread )", seen[commands[0]], flags=re.MULTILINE)
    greedy = [block for block in blocks if '"greedy"' in block]
    session.expect(len(greedy) == 1 and "preemption_test.cpp:2" in greedy[0]
                   and "thread_entry<" in greedy[0], "the preempted thread's frames",
                   seen[commands[0]])
    session.expect(end.status == 0, "the kernel goes on to its end", "\n".join(guest.lines[-30:]))


def main():
    options = session.arguments()
    check_registers(options)
    print("ok: apply")


if __name__ == "__main__":
    main()
