#!/usr/bin/python3
"""The threads of spawn: as deep as it is told, counted even when some are lost, and at work beside
the prompt on one CPU and on four."""

import re
import time

import typist
from typist import Typist, expect

BUSY = re.compile(r"^ +(\d+) busy +app .* (\d+)\.(\d)$", re.MULTILINE)


def goes_as_deep_as_told(user):
    """A frame may take more of the stack than it counts: the depth is true all the same."""
    user.expect("spawn 1 4080K", r"^spawn: 1 thread waits, 4177920 bytes deep once")
    pages = re.search(r" crew +app +blocked .* 4M +(\d+) ", user.ask("threads")).group(1)
    expect(1021 <= int(pages) <= 1022, "a stack of 1021 pages", pages)
    user.expect("spawn 0", r"^spawn: 1 thread ended")


def counts_who_is_left(user):
    """What the kernel has ended waits for nothing, and nothing waits for it."""
    user.expect("spawn 1 200M", r'"crew" is ended', r"^spawn: 1 thread was lost: no memory")
    user.expect("spawn 2", r"^spawn: 2 threads wait, each 16384 bytes")
    user.expect("spawn 1 200M", r"^spawn: 1 thread was lost: no memory")
    user.expect("spawn 0", r"^spawn: 2 threads ended")
    user.expect("spawn 1", r"^spawn: 1 thread waits")
    time.sleep(1)
    user.expect("threads", r" crew +app +blocked")  # no token of the lost ones lets it go
    user.expect("spawn 18446744073709551615", r"^spawn: at most 60000 threads at once")
    user.expect("spawn 60000", r"^spawn: at most 60000 threads at once")
    user.expect("spawn 65 busy", r"^spawn: at most 64 busy ones at once")
    user.expect("spawn 0", r"^spawn: 1 thread ended")
    user.expect("spawn 0", r"^spawn: 0 threads ended")


def tests_beside_a_crew(user):
    """Tests count every frame, and trim what they can: what spawn has left would be too many."""
    user.expect("spawn 20 64K", r"20 threads wait")
    user.expect("test mm: *failed allocations*", r"^test: what spawn has started ends first",
                r"^spawn: 20 threads ended", r"^# 1 passed, 0 failed")


def tenths_of_ms(answer):
    return {int(tid): int(ms) * 10 + int(tenth) for tid, ms, tenth in BUSY.findall(answer)}


def answers_while_they_work(user):
    user.expect("spawn 4 64K busy", r"^spawn: 4 threads are busy, up to 65536 bytes deep")
    before = tenths_of_ms(user.ask("threads"))
    faults = int(re.search(r"(\d+) stack faults", user.ask("faults")).group(1))
    begin = time.monotonic()
    user.expect("trim", r"pages went back")
    user.expect("cpus", r"^ +0 ")
    user.expect("mem", r"in use +[\d,]+ frames")
    user.expect(f"stack {min(before)}", r"pages so far: \d+")
    expect(time.monotonic() - begin < 30, "four answers within 30 s")
    time.sleep(1)
    after = tenths_of_ms(user.ask("threads"))
    expect(len(before) == 4 and all(after[tid] > before[tid] for tid in before),
           "four threads that go on working", f"{before} {after}")
    again = int(re.search(r"(\d+) stack faults", user.ask("faults")).group(1))
    expect(again > faults, "what is trimmed of them is touched again", f"{faults} {again}")
    user.expect("spawn 0", r"^spawn: 4 threads ended")
    expect(not tenths_of_ms(user.ask("threads")), "none of them is left")


def main():
    options = typist.arguments()
    for smp, parts in ((1, (goes_as_deep_as_told, answers_while_they_work)),
                       (4, (counts_who_is_left, tests_beside_a_crew, answers_while_they_work))):
        with Typist(options.arch, options.build, smp=smp) as user:
            for part in parts:
                part(user)
    print("spawn keeps count of its threads, and the prompt answers beside them")


if __name__ == "__main__":
    main()
