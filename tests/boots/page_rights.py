#!/usr/bin/python3
"""The rights of every mapped page, as the machine has them, are those of the ELF file's segments.

    page_rights.py --arch ARCH --build FOLDER

What would break without it: a text that can be written, data that can be executed, or a second
mapping of either through which W^X is got round. The kernel's own tests cannot tell: they ask the
code that made the tables.
"""

import argparse
import pathlib
import sys
import tempfile

from elftools.elf.elffile import ELFFile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

# pylint: disable=wrong-import-position
import page_tables
from run.guest import Guest
from run.options import RunOptions
from run.qmp import Qmp

PAGE = 4096
IMAGE = 0xFFFF_FFFF_8000_0000
CPUS = 2
WRITE_PROTECT, NO_EXECUTE_ENABLED = 1 << 16, 1 << 11  # CR0.WP, EFER.NXE
MMU_ON, WALKS_OFF_FOR_LOW_HALF = 1 << 0, 1 << 7       # SCTLR_EL1.M, TCR_EL1.EPD0


def expect(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def segment_pages(elf):
    """{virtual page: (physical page, writable, executable)} of the kernel's loaded segments."""
    pages = {}
    with open(elf, "rb") as file:
        for segment in ELFFile(file).iter_segments("PT_LOAD"):
            begin, end = segment["p_vaddr"], segment["p_vaddr"] + segment["p_memsz"]
            if begin < IMAGE:
                continue  # boot code, which runs before there is a kernel space
            flags = bool(segment["p_flags"] & 2), bool(segment["p_flags"] & 1)
            for page in range(begin & -PAGE, end, PAGE):
                pages[page] = (segment["p_paddr"] + page - begin, *flags)
    return pages


def root_x86_64(_guest, qmp):
    """The page table's root, the same for all CPUs, of which none ignores the bits that count."""
    cpus = page_tables.x86_64_registers(qmp)
    expect(len(cpus) == CPUS, f"{len(cpus)} CPUs, not {CPUS}")
    for number, cpu in enumerate(cpus):
        expect(cpu["CR0"] & WRITE_PROTECT, f"CPU {number} writes to read-only pages (CR0.WP)")
        expect(cpu["EFER"] & NO_EXECUTE_ENABLED, f"CPU {number} executes any page (EFER.NXE)")
        expect(cpu["CR3"] == cpus[0]["CR3"], f"CPU {number} has page tables of its own")
    return cpus[0]["CR3"]


def root_aarch64(guest, _qmp):
    """As root_x86_64(). The low half of the address space has no table at all."""
    cpus = page_tables.aarch64_registers(guest)
    expect(len(cpus) == CPUS, f"{len(cpus)} CPUs, not {CPUS}")
    for number, cpu in enumerate(cpus):
        expect(cpu["SCTLR"] & MMU_ON, f"CPU {number} runs without its MMU")
        expect(cpu["TCR_EL1"] & WALKS_OFF_FOR_LOW_HALF, f"CPU {number} has a low half")
        expect(cpu["TTBR1_EL1"] == cpus[0]["TTBR1_EL1"], f"CPU {number} has tables of its own")
    return cpus[0]["TTBR1_EL1"]


def check_image(mappings, pages):
    """The image is mapped page by page, each with its segment's rights and nothing more."""
    image = {m.virtual: m for m in mappings if m.virtual >= IMAGE}
    for page, (physical, writable, executable) in pages.items():
        expect(page in image, f"{page:#x} of the image is not mapped")
        mapping = image[page]
        expect(mapping.size == PAGE, f"{page:#x} is part of a large page")
        expect(mapping.physical == physical, f"{page:#x} maps {mapping.physical:#x}")
        expect((mapping.writable, mapping.executable) == (writable, executable),
               f"{mapping} has other rights than its segment: {writable=}, {executable=}")
    expect(image.keys() == pages.keys(), "pages are mapped beside the image: "
           + ", ".join(f"{page:#x}" for page in image.keys() - pages.keys()))


def check_rest(mappings, pages):
    """No other page executes, none is a user's, and none leads to the image by another way."""
    frames = {physical for physical, _, _ in pages.values()}
    for mapping in mappings:
        expect(not mapping.user, f"{mapping} is open to user mode")
        expect(mapping.virtual >= page_tables.KERNEL_HALF, f"{mapping} is in the low half")
        if mapping.virtual >= IMAGE:
            continue
        expect(not mapping.executable, f"{mapping} is executable")
        expect(not frames.intersection(
            range(mapping.physical, mapping.physical + mapping.size, PAGE)),
               f"{mapping} is a second way to the image")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--build", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-rights-") as folder:
        options = RunOptions(arch=arguments.arch, build=arguments.build, smp=CPUS, quiet=True,
                             args="panic_test=spin_for_ever", log=pathlib.Path(folder) / "log")
        with Guest(options) as guest:
            expect(guest.wait_for("must not survive"), "the kernel came up")
            with Qmp(guest.qmp_socket) as qmp:
                root = {"x86_64": root_x86_64, "aarch64": root_aarch64}[arguments.arch](guest, qmp)
                mappings = page_tables.walk(qmp, arguments.arch, root)
        pages = segment_pages(options.elf)
    check_image(mappings, pages)
    check_rest(mappings, pages)
    print(f"{len(mappings)} mappings, {len(pages)} pages of the image: as the segments say")


if __name__ == "__main__":
    main()
