"""Which options cannot go together, and what else a run needs to be there."""

import os
import pathlib

from .usage import UsageError

MACHINES = {"x86_64": ("q35", "pc", "microvm"), "aarch64": ("virt",)}


def check(options):
    """Raises UsageError when the options cannot go together."""
    allowed = {"x86_64": ("direct", "iso", "uefi"), "aarch64": ("direct", "elf")}[options.arch]
    if options.boot not in allowed:
        raise UsageError(f"BOOT={options.boot} is not for {options.arch}: use {', '.join(allowed)}")
    check_machine(options)
    if options.has_module and not pathlib.Path(options.input).exists():
        raise UsageError(f"INPUT={options.input}: no such file or folder")
    if options.boot == "elf" and options.has_module:
        raise UsageError("QEMU gives no initrd to an ELF file on aarch64: use BOOT=direct")
    if options.record is not None:
        check_recordable(options)
    if options.mode is not None and (options.debug or options.gdb is not None):
        raise UsageError("the monitor has the terminal: attach GDB from another (make attach-*)")
    if options.repeat < 1:
        raise UsageError(f"REPEAT={options.repeat}: at least one run is needed")
    if options.smp < 1:
        raise UsageError(f"SMP={options.smp}: at least one CPU is needed")
    try:
        options.command_line_words()
    except ValueError as error:
        raise UsageError(f"ARGS={options.args}: {error}") from error
    for path in (options.log, options.json, options.junit):
        if path is not None and not options.dry:
            check_writable(path)
    if not options.dry and not options.elf.exists():
        raise UsageError(f"{options.elf} is not built: make build-{options.build.name}")


def check_recordable(options):
    """Raises UsageError when QEMU could not record such a run."""
    if options.real_time:
        raise UsageError("only runs with counted instructions can be recorded")
    if options.smp != 1:
        raise UsageError(f"SMP={options.smp}: QEMU records a machine of one CPU only")
    if options.boot not in ("direct", "elf"):
        raise UsageError(f"BOOT={options.boot}: QEMU records no disk: use BOOT=direct")


def check_machine(options):
    """Raises UsageError when the architecture has no such machine."""
    if options.machine not in MACHINES[options.arch]:
        raise UsageError(f"--machine {options.machine} is not for {options.arch}: use "
                         f"{', '.join(MACHINES[options.arch])}")
    if options.machine == "microvm" and options.boot != "direct":
        raise UsageError(f"BOOT={options.boot}: a microvm boots from no disk: use BOOT=direct")
    if options.arch == "x86_64" and options.gic != 2:
        raise UsageError(f"GIC={options.gic} is for aarch64: x86_64 has another controller")
    if options.arch == "x86_64" and options.el2:
        raise UsageError("--el2 is for aarch64")
    if options.arch == "aarch64" and options.gic == 2 and options.smp > 8:
        raise UsageError("a GICv2 serves at most 8 CPUs: add GIC=3")


def check_writable(path):
    """Raises UsageError when nothing can be written there: now, and not after the run."""
    path = pathlib.Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{path} cannot be written")
