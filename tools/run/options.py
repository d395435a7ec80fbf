"""What a run can be asked to do: RunOptions, and its command line."""

import argparse
import dataclasses
import pathlib
import re
import shlex

from . import check_options
from .usage import UsageError

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHITECTURES = ("x86_64", "aarch64")
DEADLINE_SCALE = 1000
# What the main job reads unless told otherwise.
DEFAULT_INPUT = ROOT / "tests" / "data" / "input.txt"
NO_INPUT = pathlib.Path("none")
# How argparse words a value that an option does not take.
BAD_VALUE = re.compile(r"argument --(?P<option>[\w-]+): invalid (?:\w+ value|choice): "
                       r"'?(?P<value>.*?)'?(?: \(choose from (?P<choices>.*)\))?$")


@dataclasses.dataclass
class RunOptions:
    """One boot. Times are in seconds; sizes as QEMU spells them (128M, 4G)."""

    arch: str = "x86_64"
    build: pathlib.Path = None      # build folder that holds fathom.elf
    boot: str = "direct"            # direct, iso, uefi (x86_64); direct, elf (aarch64)
    smp: int = 2
    mem: str = "128M"
    args: str = ""                  # kernel command line, in shell quoting
    input: pathlib.Path = None      # boot module: a file, a folder (packed as ustar), or NO_INPUT
    seed: int = None                # jitters the guest's preemption timer
    machine: str = None             # x86_64: q35, pc or microvm
    cpu: str = "max"
    gic: int = 2                    # aarch64: 2 or 3
    el2: bool = False               # aarch64: enter at EL2
    mode: str = None                # monitor: type to the kernel, in real time
    real_time: bool = False         # multi-threaded TCG instead of counted instructions
    timeout: float = 300.0          # wall clock: a hang detector, never a result
    expect_panic: str = None        # pass exactly if the kernel panics with this text
    expect_failed: bool = False     # pass exactly if the kernel ends with status failed
    expect_log: list = dataclasses.field(default_factory=list)  # texts that the log must hold
    name: str = None
    log: pathlib.Path = None
    junit: pathlib.Path = None
    json: pathlib.Path = None
    view: str = "auto"              # tree, raw; auto: tree on a terminal
    filter: str = None              # only tests that match this glob
    list_tests: bool = False        # print the tests' names and stop
    failed: bool = False            # only the tests that failed last time
    repeat: int = 1                 # so many runs, each with the next seed
    until_fail: bool = False        # repeat until a run fails
    quiet: bool = False
    dry: bool = False
    verbose: bool = False
    debug: bool = False             # start stopped, with GDB in this terminal
    ram_file: pathlib.Path = None   # back the guest's RAM by this file
    trap_log: pathlib.Path = None   # QEMU's own record of exceptions (-d int)
    gdb: str = None                 # QEMU's address for GDB, as tcp:127.0.0.1:1234
    record: pathlib.Path = None     # keep a recording of the run in this folder
    replay: pathlib.Path = None     # play the one that is there
    qemu_args: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        if self.build is None:
            self.build = ROOT / "build" / f"{self.arch}-release"
        self.build = pathlib.Path(self.build)
        if self.mode == "monitor":
            self.real_time = True
        if self.input is None:
            # QEMU gives no initrd to an ELF file on aarch64.
            self.input = DEFAULT_INPUT if self.boot != "elf" else NO_INPUT
        if self.machine is None:
            # The fewer devices a recorded machine has, the sooner one is back in its past.
            x86 = "q35" if self.record is None else "microvm"
            self.machine = x86 if self.arch == "x86_64" else "virt"
        if self.name is None:
            self.name = f"{self.build.name}.{self.boot}.smp{self.smp}"
        if self.log is None:
            self.log = self.build / "logs" / f"{self.name}.log"

    @property
    def elf(self):
        return self.build / "fathom.elf"

    @property
    def has_module(self):
        return self.input != NO_INPUT

    def command_line_words(self):
        """The kernel command line as words, quoting removed."""
        # Ours come first: whatever the user's are like, the kernel reads these.
        words = []
        if self.arch == "aarch64":
            words.append("semihosting=1")  # how the kernel's exit status gets out
        if self.mode == "monitor":
            words.append("run=monitor")  # unless the user's words say more
        if self.seed is not None:
            words.append(f"seed={self.seed}")
        # Tests' deadlines count guest time at one instruction per nanosecond: host threads do not
        # keep to that, nor does the clock under UEFI (see machine.py).
        if self.real_time or self.boot == "uefi":
            words.append(f"deadline_scale={DEADLINE_SCALE}")
        return words + shlex.split(self.args)

    def told_command_line(self):
        """What a reader wants to know of it: not how the exit status gets out."""
        return " ".join(word for word in map(quote_like_grub, self.command_line_words())
                        if word != "semihosting=1")

    def command_line(self):
        """The kernel command line as GRUB would spell it, so that each boot path gives the same."""
        return " ".join(quote_like_grub(word) for word in self.command_line_words())


def quote_like_grub(word):
    """GRUB's spelling of one word: backslash before \\ ' ", double quotes around spaces."""
    escaped = "".join("\\" + c if c in "\\'\"" else c for c in word)
    return f'"{escaped}"' if " " in word else escaped


def parse(arguments):
    """RunOptions from a command line; unknown or contradicting options end in UsageError."""
    parser = make_parser()
    options = RunOptions(**vars(parser.parse_args(arguments)))
    check_options.check(options)
    return options


class Parser(argparse.ArgumentParser):
    """One that says in one line what is wrong, by the names that one types after make."""

    def error(self, message):
        wrong = BAD_VALUE.match(message)
        if wrong is None:
            raise UsageError(f"{message}: see tools/run --help")
        name = wrong["option"].upper().replace("-", "_")
        allowed = wrong["choices"]
        raise UsageError(f"{name}={wrong['value']}: "
                         + (f"use {allowed}" if allowed else "a number is needed").replace("'", ""))


def make_parser():
    # Options that are not given stay out of the namespace, so RunOptions' defaults hold.
    parser = Parser(
        prog="tools/run", description="Boot Fathom in QEMU and judge the run.",
        argument_default=argparse.SUPPRESS)
    add = parser.add_argument
    add("--arch", choices=ARCHITECTURES)
    add("--build", type=pathlib.Path, help="build folder (default: build/<arch>-release)")
    add("--boot", choices=("direct", "iso", "uefi", "elf"))
    add("--smp", type=int, help="CPUs")
    add("--mem", help="RAM, as QEMU spells it: 128M, 4G")
    add("--args", help="kernel command line, quoted as for a shell")
    add("--input", type=pathlib.Path,
        help=f"boot module: a file, a folder packed as ustar, or {NO_INPUT} "
             f"(default: {DEFAULT_INPUT.relative_to(ROOT)})")
    add("--seed", type=int, help="jitter the preemption timer by this seed")
    add("--machine", choices=("q35", "pc", "microvm", "virt"))
    add("--cpu", help="QEMU CPU model")
    add("--gic", type=int, choices=(2, 3))
    add("--el2", action="store_true", help="aarch64: enter at EL2")
    add("--mode", choices=("monitor",), help="monitor: its prompt in this terminal, in real time")
    add("--real-time", action="store_true", help="multi-threaded TCG: real races, no repeatability")
    add("--timeout", type=float, help="wall-clock seconds until the run counts as hung")
    add("--expect-panic", metavar="TEXT", help="pass exactly if the kernel panics with TEXT")
    add("--expect-failed", action="store_true",
        help="pass exactly if the kernel ends with its status for bad input or failed tests")
    add("--expect-log", action="append", metavar="TEXT", help="the log must hold TEXT")
    add("--name", help="name of the run in reports and of its log")
    add("--log", type=pathlib.Path, help="where to keep the serial log")
    add("--junit", type=pathlib.Path, help="write JUnit XML there")
    add("--json", type=pathlib.Path, help="write the run and its tests as JSON there")
    add("--view", choices=("auto", "tree", "raw"),
        help="the log as a tree of tests, or as it is; auto: the tree on a terminal")
    add("--filter", metavar="GLOB", help="run only the tests that match, as 'mm: *'")
    add("--list", dest="list_tests", action="store_true", help="print the tests' names and stop")
    add("--failed", action="store_true", help="run only the tests that failed last time")
    add("--repeat", type=int, metavar="N", help="run N times, each with the next seed")
    add("--until-fail", action="store_true", help="repeat until a run fails")
    add("--quiet", action="store_true", help="print the serial log only if the run fails")
    add("--dry", action="store_true", help="print the QEMU command and stop")
    add("-v", "--verbose", action="store_true", help="print the QEMU command")
    add("--debug", action="store_true", help="start stopped, with GDB in this terminal")
    add("--ram-file", type=pathlib.Path, help="back the guest's RAM by this file")
    add("--trap-log", type=pathlib.Path, help="QEMU's record of exceptions (-d int)")
    add("--gdb", metavar="ADDRESS", help="where to wait for GDB, stopped, as tcp:127.0.0.1:1234")
    add("--record", type=pathlib.Path, metavar="FOLDER",
        help="keep a recording: tools/run rewind FOLDER goes back in it")
    add("--qemu-arg", dest="qemu_args", action="append", metavar="ARG", help="pass on to QEMU")
    return parser
