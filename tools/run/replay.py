"""The command that repeats a run, or one of its tests."""

import shlex

from .options import ROOT, RunOptions

# Options that change what the guest does, with their spelling.
FLAGS = {"smp": "--smp", "mem": "--mem", "machine": "--machine", "cpu": "--cpu", "seed": "--seed",
         "gic": "--gic"}
SWITCHES = {"el2": "--el2", "real_time": "--real-time"}


def command(options, test=None):
    """What to type in the project's folder: the same run, or only the test of that name. The seed
    and everything else that differs from the defaults is part of it."""
    plain = RunOptions(arch=options.arch)
    words = ["/usr/bin/python3", "tools/run", "--arch", options.arch, "--build",
             shorten(options.build), "--boot", options.boot]
    for name, flag in FLAGS.items():
        value = getattr(options, name)
        if value != getattr(plain, name):
            words += [flag, str(value)]
    words += [flag for name, flag in SWITCHES.items() if getattr(options, name)]
    if options.has_module and options.input != plain.input:
        words += ["--input", shorten(options.input)]
    words += [f"--qemu-arg={argument}" for argument in options.qemu_args]
    args = options.args if test is None else only(test)
    return shlex.join(words) + (f" --args {quote(args)}" if args else "")


def quote(text):
    """As shlex.quote(), but readable where `text` holds single quotes and nothing worse."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)


def only(pattern):
    """The kernel command line that runs the tests of a glob and nothing else."""
    return "run=tests " + shlex.quote(f"test={pattern}")


def shorten(path):
    """A path below the project as it is written in the project."""
    try:
        return str(path.resolve().relative_to(ROOT))
    except ValueError:
        return str(path)
