"""Style rules that need no more than lines and words."""

import re

COLUMNS = 100
LINES = 250

# Files over LINES, each with its reason.
LONG_FILES = {
    "kernel/sched/run_queue.hpp",  # one data structure, half of it comments
    "tests/host/sched/run_queue_test.cpp",  # a model and what is held against it
}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Words of the style rules themselves.
UNFINISHED_ALLOWED = ("tools/style/", "tests/tools/", "tools/read_log.py")

MASKING = re.compile(r"\b(cli|sti|daifset|daifclr)\b")
# Who looks for these very instructions in a linked kernel.
MASKING_ALLOWED = ("kernel/arch/", "boot/", "tools/", "tests/")

# Who may make a witness out of nothing: its home, the guards, and where a context begins.
WITNESS_MAKERS = {
    "kernel/context/witness.hpp": "its definition",
    "kernel/context/atomic_scope.hpp": "the guards",
    "kernel/sched/spawn.hpp": "thread entries",
    "kernel/sched/init.hpp": "a CPU's idle thread, before it runs others",
    "kernel/sched/idle.cpp": "the idle thread's entry",
    "kernel/sched/trap_dispatch.cpp": "traps come with interrupts off, by the hardware",
    "kernel/mm/boot_context.hpp": "boot runs with interrupts off before there is any guard",
}

ARCHITECTURE = re.compile(
    r"^\s*#\s*(?:el)?if.*\b(__x86_64__|__amd64__|__i386__|__aarch64__|__arm__|__ARM_\w+)\b"
    r"|^\s*#\s*ifn?def\s+(__x86_64__|__amd64__|__i386__|__aarch64__|__arm__|__ARM_\w+)\b")

PROBE = re.compile(r"\b(enter_atomic|leave_atomic)\s*<")
PROBE_CALLERS = ("kernel/context/atomic_scope.hpp", "kernel/arch/", "tests/host/native_host/")

COMMENT_STARTS = {
    ".hpp": ("//",), ".cpp": ("//",), ".h": ("//", "/*"), ".inc": ("//",), ".S": ("//", "/*", "#"),
    ".py": ('"""', "#!"), ".sh": ("#",), ".cmake": ("#",), ".ld": ("/*",),
}


def line_length(file):
    """A line has at most COLUMNS columns."""
    for number, line in enumerate(file.lines, 1):
        if len(line) > COLUMNS:
            yield number, f"{len(line)} columns; {COLUMNS} are allowed"
        if line.rstrip() != line:
            yield number, "blanks at the end of the line"
        if "\t" in line and file.path.suffix in (".hpp", ".cpp", ".py"):
            yield number, "a tab"


def file_length(file):
    """A file is one idea, of at most LINES lines."""
    if len(file.lines) > LINES and file.name not in LONG_FILES:
        yield LINES + 1, f"{len(file.lines)} lines; {LINES} are allowed: split by idea"


def header_comment(file):
    """A file opens with what it owns; a header of the kernel says `Owns:`."""
    starts = COMMENT_STARTS.get(file.path.suffix)
    if starts is None:
        return
    first = file.lines[0] if file.lines else ""
    if not first.startswith(starts):
        yield 1, "the file does not open with a comment that says what it is"
        return
    if first.startswith("#!") and file.path.suffix == ".py":
        second = file.lines[1] if len(file.lines) > 1 else ""
        if not second.startswith('"""'):
            yield 2, "the program does not open with a docstring that says what it is"


def unfinished(file):
    """Nothing is left for later in the sources."""
    if file.name.startswith(UNFINISHED_ALLOWED):
        return
    for number, line in enumerate(file.lines, 1):
        match = UNFINISHED.search(line)
        if match:
            yield number, f"{match.group(0)}: finish it or leave it out"


def interrupt_mask(file):
    """Interrupts are masked by guards; the instructions stand in arch/ and boot/ only."""
    if file.name.startswith(MASKING_ALLOWED) or not (file.is_cpp or file.path.suffix == ".S"):
        return
    for number, line in enumerate(file.code, 1):
        match = MASKING.search(line)
        if match:
            yield number, f"{match.group(0)}: use a guard of context/atomic_scope.hpp"


def witness_mint(file):
    """Witnesses come from guards and thread entries; see WITNESS_MAKERS."""
    if not file.is_cpp or file.name in WITNESS_MAKERS or file.is_in("tests/host"):
        return
    for number, line in enumerate(file.code, 1):
        if "WitnessMint" in line:
            yield number, "WitnessMint: only the files in WITNESS_MAKERS make witnesses"


def architecture_condition(file):
    """No #if on the architecture outside arch/ and boot/."""
    if not file.is_cpp or file.is_in("kernel/arch", "boot"):
        return
    for number, line in enumerate(file.code, 1):
        if ARCHITECTURE.search(line):
            yield number, "#if on the architecture: declare a contract in kernel/arch/"


def probe_callers(file):
    """arch/stack_probe.hpp is for the guards only."""
    if not file.is_cpp or file.name.startswith(PROBE_CALLERS):
        return
    for number, line in enumerate(file.code, 1):
        match = PROBE.search(line)
        if match:
            yield number, f"{match.group(1)}: only context/atomic_scope.hpp may call it"
