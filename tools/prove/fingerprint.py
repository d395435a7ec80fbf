"""What a function is, wherever it lies: equal fingerprints mean equal analyses, if all answers that
an analysis gets from outside are equal (memo.py).

A function's own print covers its bytes without the fields that the linker fills in, what those
refer to by name, and its records and facts. It says all about the branches inside. Its fingerprint
covers where its other branches lead and where those of others lead into it, too.
"""

import bisect
import functools
import hashlib

from .records import Fact

# Which bits a relocation fills in. Of a kind that is not here the bytes count as they are.
X86_64_BYTES = {1: 8, 2: 4, 4: 4, 10: 4, 11: 4}
AARCH64_BITS = {273: 0x00ffffe0, 274: 0x60ffffe0, 275: 0x60ffffe0, 276: 0x60ffffe0,
                277: 0x003ffc00, 278: 0x003ffc00, 279: 0x0007ffe0, 280: 0x00ffffe0,
                282: 0x03ffffff, 283: 0x03ffffff, 284: 0x003ffc00, 285: 0x003ffc00,
                286: 0x003ffc00, 299: 0x003ffc00}


class Places:
    """Addresses of code by name: (function, which of those of that name), offset."""

    def __init__(self, image):
        self.image = image
        self.name_at: dict[int, tuple[str, int]] = {}
        seen: dict[str, int] = {}
        for function in image.functions:
            number = seen[function.name] = seen.get(function.name, 0) + 1
            self.name_at[function.start] = (function.name, number)
        self.start_of = {name: start for start, name in self.name_at.items()}

    def symbolic(self, address: int):
        """None: in no function."""
        function = self.image.function_at(address)
        if function is None:
            return None
        return self.name_at[function.start], address - function.start


@functools.cache
def own_prints(program) -> dict[int, bytes]:
    """The own print of each function, by its start. No instruction need be listed for it."""
    image, places = program.image, Places(program.image)
    text_start, text = image.sections[".text"]
    text = bytearray(text)
    notes: dict[int, list] = {f.start: [] for f in image.functions}

    def note(address: int, what: tuple) -> None:
        function = image.function_at(address)
        if function is not None:
            notes[function.start].append(repr((address - function.start, *what)))

    for place, kind, target, called in image.text_relocations:
        _mask(image.arch, text, place - text_start, kind)
        where = places.symbolic(target) if image.in_text(target) else None
        note(place, ("relocation", kind, where, called if where is None else ""))
    for site in program.records.sites:
        note(site.pc, ("site", site.rule, site.turn, site.length, site.window))
    for kind, place, value in program.records.facts:
        _note_fact(places, note, kind, place, value)
    return {f.start: hashlib.sha1(bytes(text[f.start - text_start:f.end - text_start]) +
                                  repr(sorted(notes[f.start])).encode()).digest()
            for f in image.functions}


@functools.cache
def fingerprints(program) -> dict[int, bytes]:
    """The fingerprint of each function, by its start."""
    image, places, branches = program.image, Places(program.image), program.branches
    around: dict[int, list] = {f.start: [] for f in image.functions}
    for start, leaves in branches.leaving.items():
        for leave in leaves:
            target = branches.target(start, leave)
            into = image.function_at(target)
            around[start].append(repr(("to", leave.operand, places.symbolic(target))))
            if into is not None and not leave.calls:
                around[into.start].append(repr(("from", target - into.start)))
    return {start: hashlib.sha1(own + repr(sorted(set(around[start]))).encode()).digest()
            for start, own in own_prints(program).items()}


def _mask(arch: str, text: bytearray, at: int, kind: int) -> None:
    if arch == "x86_64":
        size = X86_64_BYTES.get(kind, 0)
        text[at:at + size] = bytes(size)
    elif kind in AARCH64_BITS:
        word = int.from_bytes(text[at:at + 4], "little") & ~AARCH64_BITS[kind]
        text[at:at + 4] = word.to_bytes(4, "little")


def _note_fact(places: Places, note, kind: Fact, place: int, value: int) -> None:
    """A fact counts where it stands; one about a range, wherever the range is."""
    if kind in (Fact.ENTRY_CODE, Fact.RETURN_FROM_TRAP):
        image = places.image
        index = max(bisect.bisect_right(image.starts, place) - 1, 0)
        while index < len(image.starts) and image.starts[index] < value:
            start = image.starts[index]
            note(start, ("fact", int(kind), place - start, value - start))
            index += 1
        return
    address = value & (1 << 64) - 1
    where = places.symbolic(address) if places.image.in_text(address) else address
    note(place, ("fact", int(kind), value >> 64, where))
