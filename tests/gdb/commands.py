#!/usr/bin/python3
"""Each of Fathom's GDB commands, on a kernel that hangs on purpose with several threads alive."""

import re
import subprocess

import session

NM = "nm"
# What a printer shows of a type whose memory begins with these bytes.
PRINTED = (
    ("fathom::Result<void>", b"\0", "ok"),
    ("fathom::Result<void>", b"\1\2", "error: not_found"),
    ("fathom::Result<fathom::PhysAddr>", b"\0\x10".ljust(8, b"\0") + b"\1",
     "ok: PhysAddr(0x0000000000001000)"),
    ("fathom::Result<fathom::PhysAddr>", b"", "error: out_of_memory"),
    ("fathom::SiteRecord", b"\0\0\0\0\x41\x08\0\2", "rule 4, preempt off, window 512"),
)


def section_size(elf, name):
    """Bytes between two linker symbols, by nm."""
    text = subprocess.run([NM, str(elf)], stdout=subprocess.PIPE, text=True, check=True).stdout
    places = {line.split()[2]: int(line.split()[0], 16) for line in text.splitlines()
              if len(line.split()) == 3}
    return places[f"{name}_end"] - places[f"{name}_begin"]


def check_threads(guest):
    """Running and parked threads, each with a backtrace; returns the spinning thread's id."""
    output = session.gdb(guest, "fathom threads")["fathom threads"]
    blocks = re.split(r"^(?=thread )", output, flags=re.MULTILINE)
    spinning = [block for block in blocks if '"panic_test"' in block]
    session.expect(len(spinning) == 1, "one spinning thread", output)
    session.expect("running, on" in spinning[0], "it runs on a CPU", output)
    session.expect("spin_for_ever" in spinning[0], "its backtrace shows where", output)
    parked = [block for block in blocks if ", parked" in block]
    session.expect(any("join_thread" in block for block in parked),
                   "who waits for it is parked in join_thread", output)
    session.expect(re.search(r"^\d+ threads$", output, re.MULTILINE), "they are counted", output)
    return int(re.match(r"thread (\d+)", spinning[0]).group(1))


def check_stack(guest, thread_id):
    """Every page is accounted for; the trigger has touched its first page and the sixth."""
    command = f"fathom stack {thread_id}"
    output = session.gdb(guest, command)[command]
    runs = re.findall(r"^  0x[0-9a-f]+ +(\d+) pages? +(populated|absent)", output, re.MULTILINE)
    session.expect(sum(int(count) for count, _ in runs) == 17, "17 pages are drawn", output)
    session.expect(runs[0] == ("1", "populated"), "the highest is populated", output)
    session.expect(("1", "populated") in runs[1:], "another one alone is populated", output)
    session.expect(runs[-1][1] == "absent", "the lowest is absent", output)
    session.expect("guard, never mapped" in output, "the guard is drawn", output)
    session.expect(len(re.findall("<- sp 0x", output)) == 1, "sp is drawn once", output)
    session.expect("2 of 17 pages populated" in output, "two are populated", output)


def check_sites(guest):
    """As many as the section holds; a filter by rule."""
    seen = session.gdb(guest, "fathom sites", "fathom sites 4")
    expected = section_size(guest.options.elf, "fathom_sites") // 8
    session.expect(f"{expected} sites" in seen["fathom sites"], f"{expected} sites", str(seen))
    rules = set(re.findall(r"^rule (\d)", seen["fathom sites 4"], re.MULTILINE))
    session.expect(rules == {"4"}, "only rule 4 is shown", seen["fathom sites 4"])
    session.expect("spin_for_ever" in seen["fathom sites 4"], "the trigger's site is there",
                   seen["fathom sites 4"])


def check_width(guest):
    """On a terminal of 80 columns no line is longer, and nothing of it is lost."""
    commands = ("fathom threads", "fathom sites", "fathom rules 4", "fathom trace", "fathom pt $sp")
    # In one session: between two the kernel goes on. The second time with a space behind each.
    seen = session.gdb(guest, *commands, "set width 80", *(f"{each} " for each in commands),
                       "show width")
    session.expect(any(len(line) > 80 for line in seen["fathom sites"].splitlines()),
                   "some lines are long", seen["fathom sites"])
    for command in commands:
        wide, narrow = seen[command], seen[f"{command} "]
        session.expect(all(len(line) <= 80 for line in narrow.splitlines()), f"{command} fits",
                       narrow)
        session.expect(narrow.split() == wide.split(), f"{command} says the same", narrow)


def check_rules(guest):
    """Five rules; the counts are those of the sites that turn something off."""
    seen = session.gdb(guest, "fathom rules", "fathom rules 4", "fathom rules 6")
    counts = re.findall(r"^rule (\d)  \w+ +(\d+) sites", seen["fathom rules"], re.MULTILINE)
    session.expect([rule for rule, _ in counts] == list("12345"), "five rules", str(seen))
    listed = len(re.findall(r"^  window ", seen["fathom rules 4"], re.MULTILINE))
    session.expect(listed == int(counts[3][1]) > 10, "rule 4's sites are listed", str(seen))
    session.expect("there is no rule 6" in seen["fathom rules 6"], "no sixth rule", str(seen))


def check_break_rule(guest):
    seen = session.gdb(guest, "fathom break-rule 4 exit_thread", "fathom break-rule 9",
                       "fathom break-rule 4 nowhere", "fathom break-rule")
    session.expect("1 sites of rule 4 have a breakpoint" in seen["fathom break-rule 4 exit_thread"],
                   "a breakpoint at a site", str(seen))
    for command, answer in (("9", "there is no rule 9"), ("4 nowhere", "no site states rule 4"),
                            ("", "usage: fathom break-rule")):
        session.expect(answer in seen[f"fathom break-rule {command}".strip()], answer, str(seen))


def check_page_table(guest):
    """The walk ends at memory for code, and says where it ends for an address without."""
    seen = session.gdb(guest, "fathom pt $pc", "fathom pt 0xffffa00000000000", "fathom pt")
    code = seen["fathom pt $pc"]
    session.expect("the kernel image" in code and "read only" in code and "executable" in code,
                   "the kernel's text is read only and executable", code)
    session.expect(re.search(r"KiB at 0x[0-9a-f]+: ", code), "it has memory", code)
    gap = seen["fathom pt 0xffffa00000000000"]
    session.expect("lazily populated stacks" in gap and "not mapped" in gap, "a gap has none", gap)
    session.expect("usage: fathom pt" in seen["fathom pt"], "usage", str(seen))


def check_fault(guest, thread_id):
    """The last fault is the trigger's: the sixth page of its stack."""
    seen = session.gdb(guest, "fathom fault", "fathom why")
    session.expect(re.search(rf"thread {thread_id} \"panic_test\" touched 0x[0-9a-f]+,\npage 5 ",
                             seen["fathom fault"]), "the trigger's fault", str(seen))
    session.expect("the page is there now" in seen["fathom fault"], "it is there", str(seen))
    session.expect("make record-x86" in seen["fathom why"], "a way back is told", str(seen))


def check_trace(guest):
    output = session.gdb(guest, "fathom trace 8", "fathom trace", "fathom trace 0")
    lines = output["fathom trace 8"].splitlines()
    times = [int(line.split()[0]) for line in lines[:-1]]
    session.expect(len(times) == 8 and times == sorted(times), "8 events in order", str(output))
    wakes = [line for line in output["fathom trace"].splitlines() if " wake " in line]
    session.expect(wakes and all(re.search(r" thread \d+ on cpu \d+$", line) for line in wakes),
                   "events in words, as the monitor has them", str(output))
    session.expect(output["fathom trace 0"].startswith("0 of "), "0 means none", str(output))


def check_frame(guest, parked):
    """The resume record of a parked thread is a trap frame."""
    command = f"fathom frame &((fathom::Thread*){parked:#x})->resume.frame"
    output = session.gdb(guest, command)[command]
    session.expect("preemption depth" in output and "interrupt depth" in output,
                   "the context word is decoded", output)
    session.expect(re.search(r"^  #1 ", output, re.MULTILINE), "it has a backtrace", output)


def check_printers(guest):
    seen = session.gdb(guest, "print (fathom::VirtAddr){0xffff800000001000}",
                       "print (fathom::PageCount){3}", "print (fathom::ThreadId){7}",
                       "print fathom::mm::kernel_table")
    text = "\n".join(seen.values())
    session.expect("PhysAddr(0x" in text, "addresses are printed as such", text)
    commands = [printing(kind, data) for kind, data, _ in PRINTED]
    seen = session.gdb(guest, *commands)
    for command, (kind, _, expected) in zip(commands, PRINTED):
        session.expect(expected in seen[command], f"{kind} is printed as {expected}", str(seen))


def printing(kind, data):
    """A command that prints a value of that type, whose memory begins with these bytes."""
    return (f"python t = gdb.lookup_type('{kind}'); "
            f"print(gdb.Value(bytes({list(data)}).ljust(t.sizeof, bytes(1)), t).format_string())")


def check_apply(guest, thread_id):
    """A command in a running thread's place, and in that of a parked one, whose caller waits in
    join_thread; the CPU is as it was afterwards."""
    everything = "fathom apply all bt 12"
    seen = session.gdb(guest, "info registers", everything, "info registers ",
                       f"fathom apply {thread_id} bt 2", "fathom apply", "fathom apply 1 nonsense")
    blocks = re.split(r"^(?=thread )", seen[everything], flags=re.MULTILINE)
    session.expect(any("fathom::join_thread" in block and "do_the_work" in block
                       for block in blocks), "a parked thread's frames", seen[everything])
    session.expect("spin_for_ever" in seen[f"fathom apply {thread_id} bt 2"], "a running one's",
                   str(seen))
    session.expect(seen["info registers"] == seen["info registers "], "nothing has changed",
                   str(seen))
    session.expect("usage: fathom apply" in seen["fathom apply"], "usage", str(seen))
    session.expect("Undefined command" in seen["fathom apply 1 nonsense"], "GDB's error", str(seen))


def check_help(guest):
    output = session.gdb(guest, "help fathom")["help fathom"]
    for name in ("threads", "stack", "faults", "sites", "trace", "frame", "break-populate", "rules",
                 "pt", "fault", "why", "apply", "break-rule"):
        session.expect(f"fathom {name} --" in output, f"help lists {name}", output)
    for line in output.splitlines():
        session.expect(len(line) <= 80, "each on a line of a terminal", line)


def check_errors(guest):
    """Wrong arguments get a sentence, not a Python traceback."""
    answers = {"fathom stack x": "x is no number", "fathom trace x": "x is no number",
               "fathom threads zz": "zz is no number",
               "fathom threads 123456": "no thread has the id 123456",
               "fathom sites 9": "there is no rule 9",
               "fathom break-populate 123456": "no thread has the id 123456 yet"}
    seen = session.gdb(guest, "fathom stack", "fathom stack 123456789", "fathom frame", *answers)
    for command, answer in answers.items():
        session.expect(answer in seen[command], f"{command}: {answer}", str(seen))
    text = "\n".join(seen.values())
    session.expect("Python Exception" not in text, "no Python exception", text)
    session.expect("usage: fathom stack ID" in text, "a missing argument", text)
    session.expect("no thread has the id 123456789" in text, "an unknown thread", text)
    session.expect("Traceback" not in text, "no traceback", text)


def parked_thread(guest):
    """The address of a parked thread's control block."""
    command = ("python print('parked %#x' % next(t.address for t in "
               "__import__('fathom_gdb.threads').threads.in_table() if t.state == 'blocked'))")
    output = session.gdb(guest, command)[command]
    found = re.search(r"parked (0x[0-9a-f]+)", output)
    session.expect(found, "a parked thread exists", output)
    return int(found.group(1), 16)


def main():
    options = session.arguments()
    with session.boot(options.arch, options.build, "panic_test=spin_for_ever") as guest:
        session.wait_until_hung(guest)
        thread_id = check_threads(guest)
        check_stack(guest, thread_id)
        check_sites(guest)
        check_width(guest)
        check_rules(guest)
        check_break_rule(guest)
        check_page_table(guest)
        check_fault(guest, thread_id)
        check_trace(guest)
        check_frame(guest, parked_thread(guest))
        check_printers(guest)
        check_apply(guest, thread_id)
        check_help(guest)
        check_errors(guest)
    print("ok: all commands")


if __name__ == "__main__":
    main()
