#!/usr/bin/python3
"""The monitor from outside: lines from a file through tools/run, the main job before it, and a rule
broken on purpose, explained with source lines."""

import subprocess
import sys

import typist
from typist import expect

ROOT = typist.ROOT


def run(options, lines, *more):
    """tools/run with these lines as its standard input: (exit code, output)."""
    command = [sys.executable, str(ROOT / "tools" / "run"), "--arch", options.arch, "--build",
               str(options.build), "--mode", "monitor", "--name",
               f"monitor.{options.arch}.at_work", *more]
    done = subprocess.run(command, input="".join(f"{line}\n" for line in lines), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240,
                          check=False)
    return done.returncode, done.stdout


def main():
    options = typist.arguments()
    code, output = run(options, ["threads", "mem"], "--args", "run=search,monitor threads=4")
    expect(code == 0, "exit code 0 at the end of the input", output)
    for text in ("what the stacks of its threads cost", "fathom> threads", "fathom: done"):
        expect(text in output, text, output)
    code, output = run(options, ["policy"], "--args", "run=monitor xyzzy=1 threads=0")
    complaint = output[output.index("command line:"):output.index("monitor: ")].splitlines()
    expect(complaint[0].startswith('command line: "xyzzy=1": no such option; there are run,') and
           complaint[1].startswith("  ") and all(len(line) <= 80 for line in complaint),
           "an unknown option in lines of 80 columns", output)
    code, output = run(options, ["break-rule 4"])
    expect(code == 1, "exit code 1 after a panic", output)
    for text in ("by rule 4, window 512 bytes", "Read next: docs/rules.md, \"The lemma\"",
                 "broken_rules.cpp"):
        expect(text in output, text, output)
    panic = output[output.index("PANIC: broken rule"):].splitlines()
    expect(panic[1].startswith("  Rule 4 is broken: the window is too small."),
           "which rule, and why, in the line below the headline", output)
    print("the monitor takes a file, follows a job, and breaks a rule")


if __name__ == "__main__":
    main()
