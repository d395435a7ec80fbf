#!/usr/bin/python3
"""Boots Fathom in QEMU, prints its serial log live and judges the run.

    /usr/bin/python3 tools/run --arch x86_64 --boot iso --smp 4 --args 'run=tests test=mm:*'
    /usr/bin/python3 tools/run attach x86_64
    /usr/bin/python3 tools/run rewind build/records/aarch64

Exits 0 only for PASSED. Statuses: PASSED, FAILED, CRASHED, TIMEOUT, QEMU-FAILED.
"""

import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "run"

# pylint: disable=wrong-import-position
from run import (backtrace, campaign, closing, debug, live, machine, monitor,
                 options as run_options, record, verdict)
from run.guest import Guest

LAST_LINES = 30
LOG_FILTER = run_options.ROOT / "tools" / "log_filter.py"


def print_command(options):
    with tempfile.TemporaryDirectory(prefix="fathom-dry-") as folder:
        print(shlex.join(machine.qemu_command(options, pathlib.Path(folder))), flush=True)


def echo(chunk):
    """Prints the serial log as it comes."""
    with closing.for_who_listens():
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def leave(*_):
    """SIGTERM: unwinds, so that QEMU is ended and the run's folder is removed."""
    sys.exit(143)


def print_hang(lines, traces):
    """What a guest that hung had said last, and where each CPU was."""
    with closing.for_who_listens():
        print("\n--- hung; last lines:", *lines[-LAST_LINES:], sep="\n")
        print("--- backtrace:")
        closing.print_folded(traces)


def places(report):
    """The lines of a panic report that name places in the code: the site, and the backtraces."""
    in_backtrace = False
    for line in report:
        if not line.startswith(" "):
            in_backtrace = line in ("Backtrace", "Its backtrace")
        if in_backtrace or line.startswith("  Nearest site: "):
            yield line


def print_backtraces_with_lines(elf, report):
    """The places of the panic report again, with file:line and the source line of each."""
    text = "".join(f"{line}\n" for line in places(report))
    if text:
        print("--- with source lines:", flush=True)
        subprocess.run([sys.executable, str(LOG_FILTER), "--elf", str(elf)], check=False,
                       text=True, input=text)


def run(options):
    """One boot, judged. Returns the process's exit code."""
    view = live.LiveView(options) if live.wants_tree(options.view, sys.stdout) else None
    traces = []  # of a hang; printed when the guest says no more

    def show(chunk):
        with closing.for_who_listens():
            (view.feed if view else echo)(chunk)

    def look_at_hang(hung):
        traces.append(backtrace.take(hung.options.elf, hung.gdb_socket))

    with Guest(options, None if options.quiet else show) as guest:
        if options.verbose or options.gdb is not None:
            print(f"GDB: target remote {options.gdb or guest.gdb_socket}", flush=True)
        try:
            end = guest.wait(look_at_hang)
        except KeyboardInterrupt:
            end = None
    if view and not options.quiet:
        with closing.for_who_listens():
            view.finish()
    if end is None:
        closing.report_interrupted(options, guest.reader)
        return campaign.INTERRUPTED
    if traces:
        print_hang(guest.lines, traces[0])
    result = verdict.judge(guest.reader, end, options)
    with closing.for_who_listens():
        if options.quiet and not result.passed:
            print(*guest.lines, sep="\n")
        if result.status == verdict.CRASHED:
            print_backtraces_with_lines(options.elf, guest.reader.report)
    closing.report(options, guest.reader, end, result)
    return 0 if result.passed else 1


def run_monitor(options):
    """The monitor in this terminal. 0 if the kernel was powered off by it, or left."""
    end, guest = monitor.run(options, echo)
    if guest.reader.panics:
        print_backtraces_with_lines(options.elf, guest.reader.report)
        return 1
    return 0 if end is None or end.status == 0 else 1


def main(arguments):
    signal.signal(signal.SIGTERM, leave)
    try:
        if arguments[:1] == ["attach"]:
            return debug.attach(arguments[1] if len(arguments) > 1 else "x86_64")
        if arguments[:1] == ["rewind"]:
            if len(arguments) != 2:
                raise run_options.UsageError("rewind wants the folder of a recording, as "
                                             "build/records/x86_64")
            return debug.rewind(record.options_of(pathlib.Path(arguments[1])))
        options = run_options.parse(arguments)
        if options.record is not None and not options.dry:
            record.prepare(options, arguments)
        if options.dry or options.verbose:
            print_command(options)
        if options.dry:
            return 0
        if options.list_tests:
            return campaign.list_tests(options)
        if options.mode == "monitor":
            return run_monitor(options)
        return debug.debug(options) if options.debug else campaign.execute(options, run)
    except run_options.UsageError as error:
        print(f"tools/run: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
