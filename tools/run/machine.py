"""The QEMU command line of a run. Every choice that makes a run repeatable is here."""

from . import media

# Instructions are counted, the clock is virtual, the host's entropy stays out: two runs give the
# same log bit for bit. With shift=4 one aarch64 instruction is one tick of its counter; an x86_64
# TSC advances one per instruction with shift=0.
ICOUNT_SHIFT = {"x86_64": 0, "aarch64": 4}
# OVMF waits by polling timers: at one instruction per nanosecond that takes minutes. At 16 ns each
# it takes seconds, and the run is as repeatable.
UEFI_ICOUNT_SHIFT = 4
# I/O port of the device that ends QEMU with a status; the kernel writes 16 + its exit status.
DEBUG_EXIT_PORT = 0xF4


def qemu_command(options, folder):
    """The whole command as a list. Writes what the guest boots from into `folder`."""
    command = [f"qemu-system-{options.arch}", *machine(options), "-cpu", cpu(options),
               "-smp", str(options.smp), "-m", options.mem, *clock(options),
               "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]
    command += ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"]
    command += ["-gdb", options.gdb or f"unix:{folder}/gdb.sock,server=on,wait=off"]
    if options.record is None and options.replay is None:
        command += ["-qmp", f"unix:{folder}/qmp.sock,server=on,wait=off"]
    command += exit_device(options) + boot(options, folder)
    if options.debug or options.gdb is not None:
        command.append("-S")
    if options.trap_log is not None:
        command += ["-d", "int", "-D", str(options.trap_log)]
    return command + list(options.qemu_args)


def machine(options):
    """-M and what backs its RAM."""
    kind = options.machine
    if kind == "q35" and options.boot == "direct":
        kind += ",sata=off"  # with no disk to look for, the firmware takes a fifth of the time
    if options.arch == "aarch64":
        kind += f",gic-version={options.gic}"
        kind += ",virtualization=on" if options.el2 else ""
    if options.ram_file is None:
        return ["-M", kind]
    backend = f"memory-backend-file,id=ram,size={options.mem},share=on,mem-path={options.ram_file}"
    return ["-object", backend, "-M", f"{kind},memory-backend=ram"]


def clock(options):
    """Counted instructions by default; real threads when asked for."""
    if options.real_time:
        return ["-accel", "tcg,thread=multi"]
    if options.record is not None or options.replay is not None:
        return recorded_clock(options)
    shift = UEFI_ICOUNT_SHIFT if options.boot == "uefi" else ICOUNT_SHIFT[options.arch]
    return ["-accel", "tcg", "-icount", f"shift={shift},sleep=off",
            "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "1"]


def recorded_clock(options):
    """Counted instructions, with all that comes from outside written down or played back. The disk
    holds nothing but the snapshot from which one goes forward again to be in the past."""
    folder = options.record or options.replay
    mode = "record" if options.record is not None else "replay"
    command = ["-accel", "tcg", "-icount", f"shift={ICOUNT_SHIFT[options.arch]},rr={mode},"
               f"rrfile={folder}/events.bin,rrsnapshot=start",
               "-drive", f"file={folder}/state.qcow2,if=none,id=start",
               "-rtc", "base=2026-01-01T00:00:00,clock=vm", "-seed", "1"]
    # The device kvmvapic serves KVM guests only. Its reset waits for each virtual CPU, and while
    # QEMU loads the snapshot the CPU may be waiting for the same lock: then it hangs for good.
    return command + (["-global", "apic.vapic=off"] if options.arch == "x86_64" else [])


def cpu(options):
    """The CPU model. QEMU's "max" for arm counts at 62.5 MHz up to version 8, and at 1 GHz since:
    with the frequency said, an instruction is one tick in each."""
    counter = "" if "cntfrq=" in options.cpu else ",cntfrq=62500000"
    return options.cpu + (counter if options.arch == "aarch64" else "")


def exit_device(options):
    """How the guest ends QEMU with a status of its own."""
    if options.arch == "x86_64":
        return ["-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=0x04"]
    return ["-semihosting-config", "enable=on,target=native"]


def guest_status(options, code):
    """The kernel's exit status (arch/power.hpp: 0 passed, 1 failed, 2 panicked) behind QEMU's exit
    code; None if the kernel did not set it."""
    if options.arch == "x86_64":
        status = (code >> 1) - 16
        return status if code & 1 and 0 <= status <= 2 else None
    return code if 0 <= code <= 2 else None


def boot(options, folder):
    """The kernel, its command line and its boot module, by the path that was asked for."""
    module = media.prepare_module(options.input, folder) if options.has_module else None
    if options.boot in ("direct", "elf"):
        image = options.build / "Image" if wants_flat_image(options) else options.elf
        command = ["-kernel", str(image), "-append", options.command_line()]
        return command + (["-initrd", str(module)] if module is not None else [])
    words = options.command_line_words()
    iso = folder / "fathom.iso"
    if not options.dry:
        iso = media.make_iso(options.elf, words, module, folder)
    command = ["-cdrom", str(iso)]
    if options.boot == "uefi":
        variables = folder / "variables.fd"
        if not options.dry:
            media.copy_firmware_variables(variables)
        command += [
            "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={media.OVMF_CODE}",
            "-drive", f"if=pflash,unit=1,format=raw,file={variables}"]
    return command


def wants_flat_image(options):
    """QEMU gives the device tree's address and an initrd to an arm64 Image, not to an ELF file."""
    return options.arch == "aarch64" and options.boot == "direct"
