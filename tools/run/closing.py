"""What is said when a run has ended: why it failed, how to repeat it, where its log is."""

import contextlib
import os
import sys

import terminal

from . import campaign, json_report, junit, replay, source_context

MOST_EXCERPTS = 3


@contextlib.contextmanager
def for_who_listens():
    """A reader that went away (`| head`) ends nothing; what follows is for nobody."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def print_folded(text):
    columns = terminal.columns_of(sys.stdout)
    for line in text.splitlines():
        print(terminal.fold(line, columns, "    "))


def print_failures(options, reader):
    """The first failed tests once more: much may have been printed since."""
    columns = terminal.columns_of(sys.stdout)
    for result in reader.failures[:MOST_EXCERPTS]:
        print(terminal.fold(f"  NOT OK  {result.name}", columns, "          "))
        for line in result.output:
            for number, source in enumerate(source_context.excerpt(line)):
                if number == 0:
                    print(terminal.fold(f"    {line}", columns, "    #     "))
                print(terminal.clip(f"    {source}", columns))
        print(terminal.fold_command("    again, alone: ", replay.command(options, result.name),
                                    columns))
    if len(reader.failures) > MOST_EXCERPTS:
        print(f"  and {len(reader.failures) - MOST_EXCERPTS} more failed tests, above")


def report(options, reader, end, result):
    """The last lines of a run, and its reports in files."""
    columns = terminal.columns_of(sys.stdout)
    with for_who_listens():
        print_failures(options, reader)
        for reason in result.reasons:
            print(terminal.fold(f"  {reason}", columns, "    "))
        if not result.passed:
            print(terminal.fold_command("  again: ", replay.command(options), columns))
        if end.first_line_seconds is not None:
            print(f"  first line after {end.first_line_seconds:.2f} s")
        print(f"  log {replay.shorten(options.log)}")
        print(terminal.fold(f"{result.status}: {options.name}: {reader.summary()}, "
                            f"{end.seconds:.1f} s", columns, "  "))
    if options.junit is not None:
        junit.write(options.junit, options.name, reader, result, end.seconds)
    if options.json is not None:
        json_report.write(options.json, options, reader, result, end.seconds)
    campaign.note_failed(options.build, reader)


def report_interrupted(options, reader):
    """The last lines of a run that Ctrl-C has ended: there is no verdict."""
    with for_who_listens():
        print(f"  log {replay.shorten(options.log)}")
        print(terminal.fold(f"INTERRUPTED: {options.name}: {reader.summary()} so far",
                            terminal.columns_of(sys.stdout), "  "))
