"""The instructions that mutants of a site are made of, for both architectures.

A site that turns something off is, in this order: a test whether both are on (rule 5), a load below
sp (rules 4 and 5), the change of the mask and of the context word. See native/stack_probe.hpp.
"""

import dataclasses
import struct

NOP = {"x86_64": b"\x90", "aarch64": struct.pack("<I", 0xD503201F)}
SP = 31


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """A site's bytes, taken apart."""
    test: bytes    # of rule 5, its branch included
    load: bytes
    change: bytes


def take_apart(arch: str, lines: list, raw: bytes) -> Parts:
    """`lines` are the site's instructions as the prover reads them."""
    start = lines[0].address
    texts = [str(line) for line in lines]
    if arch == "x86_64":
        first = 2 if texts[0].startswith("test DWORD") else 0
        last = first + (texts[first].startswith("test BYTE"))
    else:
        first = 2 if len(texts) > 1 and texts[1].startswith("cbnz") else 0
        last = first
        if texts[first].startswith("sub x16, sp"):
            last = first + 2
        elif texts[first].startswith("ldurb wzr"):
            last = first + 1
    test = (lines[first - 1].end if first else start) - start
    load = (lines[last - 1].end if last else start) - start
    return Parts(raw[:test], raw[test:load], raw[load:])


def load(arch: str, window: int) -> bytes:
    """A load `window` bytes below sp; no bytes for 0."""
    if not window:
        return b""
    if arch == "x86_64":
        return b"\x84\x84\x24" + struct.pack("<i", -window)
    if window <= 256:
        return struct.pack("<I", 0x38400000 | (-window & 0x1FF) << 12 | SP << 5 | SP)
    amount = 1 << 10 | 1 << 22 if window == 4096 else window << 10
    return struct.pack("<II", 0xD1000000 | amount | SP << 5 | 16, 0x3940021F)


def test(arch: str, change: bytes, over: int, inverted: bool = False) -> bytes:
    """A test that skips `over` bytes unless both are on; inverted: if they are."""
    if arch == "x86_64":
        return bytes.fromhex("65f7042510000000ffffff7f") + bytes([0x75 - inverted, over])
    words = struct.unpack(f"<{len(change) // 4}I", change)
    read = next(word for word in words if word & 0xFFC00000 == 0xB9400000)  # ldr w, [anchor]
    branch = 0x35000000 - (inverted << 24) | (over // 4 + 1) << 5 | read & 31
    return struct.pack("<II", read, branch)


def jump(arch: str, place: int, target: int) -> bytes:
    """An unconditional branch."""
    if arch == "x86_64":
        return b"\xe9" + struct.pack("<i", target - place - 5)
    return struct.pack("<I", 0x14000000 | (target - place) // 4 & 0x3FFFFFF)
