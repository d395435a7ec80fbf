#!/usr/bin/python3
"""Every command of the monitor, typed over the serial line, with what it must answer."""

import re
import time

import typist
from typist import Typist, expect

CREW = re.compile(r"^ +(\d+) crew +app +blocked", re.MULTILINE)


def looks_around(user):
    user.expect("threads", r"^ +1 main +kernel ", r"work +app +running .* 1M", r"threads;")
    user.expect("cpus", r"^ +0 ", r"^ +1 ")
    user.expect("mem", r"in use +[\d,]+ frames", r"populated +[\d,]+ bytes")
    user.expect("policy", r"^policy rules", r"rule 3: nothing", r"rule 4: one load")
    user.expect("sites", r"rule 1 +\d+ sites", r"rule 5 +\d+ sites")
    user.expect("sites 5", r"^ +\d+  (?:interrupts|preemption) off +\S+ \+0x",
                r"sites state rule 5")
    user.expect("bt 1", r"#0 .* join_thread", r"first_thread")
    user.expect("stack 1", r"16 KiB, a kernel thread's")
    entry = re.search(r"0x[0-9a-f]{16}", user.ask("bt 1")).group()
    aligned = hex(int(entry, 16) & ~7)
    user.expect(f"peek {aligned} 2", rf"^  {aligned}  [0-9a-f]{{16}}")
    user.expect("peek 0", r"not mapped")


def knows_who_idles(user):
    """A CPU that has been idle since its last switch has been idle until now."""
    time.sleep(8)
    shares = re.findall(r" (\d+)\.\d % ", user.ask("cpus"))
    expect(len(shares) == 2 and all(int(share) >= 30 for share in shares),
           "8 seconds of doing nothing are idle time", str(shares))


def has_a_crew(user):
    """Deep stacks cost pages, trim takes those back that lie below sp, and spawn 0 all."""
    before = int(re.search(r"(\d+) stack faults since", user.ask("faults")).group(1))
    user.expect("spawn 20 64K", r"20 threads wait")
    crew = CREW.findall(user.ask("threads"))
    expect(len(crew) == 20, "20 threads of the crew", str(crew))
    after = int(re.search(r"(\d+) stack faults since",
                          user.expect("faults 3", r"stack_fault +0xffffa7\w+ page 16")).group(1))
    expect(after - before >= 20 * 16, "16 faults for each of the crew", f"{before} {after}")
    user.expect(f"stack {crew[0]}", r"pages so far: 17", r"<- sp, byte \d+",
                r"15 pages  populated, below sp", r"<- deepest", r"240 pages  absent",
                r"guard, never mapped")
    user.expect(f"bt {crew[0]}", r"goes on here", r"#0 .* Semaphore::wait")
    user.expect("trim", r"trim: 3\d\d pages went back")
    user.expect(f"stack {crew[0]}", r"pages so far: 1$")
    user.expect("spawn 0", r"20 threads ended")
    expect(not CREW.findall(user.ask("threads")), "the crew is gone")


def runs_tests(user):
    user.expect("test lib: nothing*", r"none of \d+ matches")
    user.expect("test context: a*", r"^1\.\.\d+", r"^ok 1 - context: a", r"passed, 0 failed")
    user.expect("bench heap", r"figure: malloc_free_64 \d+ cycles$",
                r"^figure: malloc_free_64\.worst \d+ cycles$", r"make figures counts instructions")
    user.expect("trace off", r"trace is off")
    user.expect("trace show 3", r"us  cpu")
    user.expect("trace on", r"trace is on")


def gives_hints(user):
    user.expect("threds", r"did you mean threads\?")
    user.expect("xyzzy", r"no command is called \"xyzzy\"; help lists them")
    for leaving in ("quit", "exit"):
        user.expect(leaving, r"^poweroff ends the machine; Ctrl-\] leaves it at once")
    for wrong in ("stack", "stack x", "sites 6", "sites 3 4", "peek", "peek 8 0", "trace", "spawn",
                  "spawn 1 2 3", "spawn 1 busy 2", "bench nothing", "break-rule", "break-rule 6",
                  "test", "mem now", "faults x", "faults 0"):
        user.expect(wrong, rf"^usage: {wrong.split()[0]}(?: \S+)*$", r"^help ")
    for wrong, known in (("break-rule 6", "1 2 3 4 5"), ("sites 6", "1 2 3 4 5"),
                         ("bench nosuch", "heap switches sections "), ("trace", "on off show"),
                         ("stack abc", "threads lists the ids"), ("bt x", "threads lists the ids"),
                         ("test", r"test \* runs them all"), ("spawn 1 1G", "depth up to 512M")):
        user.expect(wrong, rf"^  (?:choose from: )?.*{known}")
    user.expect("stack 99", r"no thread 99; threads lists them")
    user.expect("bt 99", r"no thread 99")
    user.expect("peek 3", r"no multiple of 8; 0x0 is")
    expect(user.ask("   ") == "", "a blank line does nothing")


def helps(user):
    names = re.findall(r"^  ([a-z-]+)", user.ask("help"), re.MULTILINE)
    expect(len(names) == 17, "17 commands", str(names))
    for name in names:
        user.expect(f"help {name}", rf"^{name}", r"^  [A-Z]", r"\.$")
    user.expect("help thread", r"did you mean threads\?")


def edits(user):
    """Completion and history, as a terminal sees them."""
    user.press("th\t")
    user.read_to("threads ")
    user.press("\r")
    user.read_to("threads;")
    user.read_to(typist.PROMPT)
    user.press("trace s\t1\r")
    user.read_to("trace show 1")
    user.read_to(typist.PROMPT)
    user.press("\x1b[A\x1b[A\r")  # twice Up: the line before
    user.read_to("threads;")
    user.read_to(typist.PROMPT)
    user.press("  th\t")  # behind blanks it is still the first word
    user.read_to("threads ")
    user.press("\x03")
    user.read_to("^C")
    user.read_to(typist.PROMPT)
    user.press("rubbish\x03")  # Ctrl-C
    user.read_to(typist.PROMPT)
    user.expect("policy", r"^policy rules")


def main():
    options = typist.arguments()
    with Typist(options.arch, options.build) as user:
        for part in (looks_around, knows_who_idles, has_a_crew, runs_tests, gives_hints, helps,
                     edits):
            part(user)
        user.press("poweroff\r")
        user.read_to("fathom: done")
        end = user.guest.wait()
        expect(end.status == 0, "the machine ends well", str(end))
    print("the monitor obeys all of its commands")


if __name__ == "__main__":
    main()
