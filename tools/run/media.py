"""What the guest boots from: the boot module, the GRUB ISO, the firmware's variable store."""

import pathlib
import shutil
import subprocess
import tarfile

from .options import UsageError

OVMF_CODE = pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = pathlib.Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
# All that the two GRUB images need; keeps the ISO at 5 MB instead of 20.
GRUB_MODULES = "multiboot2 normal iso9660 part_gpt part_msdos fat all_video"


def prepare_module(source, folder):
    """The file to hand over as boot module: `source` itself, or `source` packed as ustar."""
    source = pathlib.Path(source)
    if not source.is_dir():
        return source
    packed = folder / "input.tar"
    with tarfile.open(packed, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                archive.add(path, arcname=str(path.relative_to(source)), filter=without_owner,
                            recursive=False)
    return packed


def without_owner(member):
    """Takes from a tar member what would make the same folder give different bytes."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def grub_configuration(words, has_module):
    """The grub.cfg that boots at once with the kernel command line `words`."""
    arguments = "".join(" '" + word.replace("'", "'\\''") + "'" for word in words)
    lines = ["set timeout=0", "menuentry fathom {", f"  multiboot2 /boot/fathom.elf{arguments}"]
    if has_module:
        lines.append("  module2 /boot/input")
    return "\n".join(lines + ["}", ""])


def make_iso(elf, words, module, folder):
    """Packs a hybrid ISO for SeaBIOS and OVMF into `folder`; returns its path."""
    tree = folder / "iso"
    boot = tree / "boot"
    (boot / "grub").mkdir(parents=True)
    run_quietly(["x86_64-linux-gnu-objcopy", "--strip-all", str(elf), str(boot / "fathom.elf")])
    if module is not None:
        shutil.copyfile(module, boot / "input")
    configuration = grub_configuration(words, module is not None)
    (boot / "grub" / "grub.cfg").write_text(configuration, encoding="utf-8")
    iso = folder / "fathom.iso"
    run_quietly(["grub-mkrescue", f"--install-modules={GRUB_MODULES}", "--fonts=", "--locales=",
                 "--themes=", "-o", str(iso), str(tree)])
    return iso


def copy_firmware_variables(copy):
    """OVMF writes to its variables: each run gets a `copy` of its own."""
    if not OVMF_CODE.exists():
        raise UsageError(f"{OVMF_CODE} is missing: apt-get install ovmf")
    shutil.copyfile(OVMF_VARIABLES, copy)


def run_quietly(command):
    """Runs a tool that matters only when it fails; then its output is the error."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
    except FileNotFoundError as error:
        raise UsageError(f"{command[0]} is missing: make doctor says how to get it") from error
    if done.returncode != 0:
        raise UsageError(f"{command[0]} failed:\n{done.stdout}")
