"""What mutants there are, and the bytes that make each.

    window N     the load is made N bytes below sp, and the record says so; 0: there is none
    rule R       the record states another rule, and the bytes are those of that rule
    silent       the load is left out, and the record does not say so
    invert       the test of rule 5 is inverted
    prefault N   a load is added in front of a site of rule 1, 2 or 3, and the record says so
    leave        what a section ends with is left out, with its record
    restore      interrupts are counted as on again, but not opened
"""

import dataclasses
import struct

from prove.records import IRQS_ON, Site

from . import encoding

DEFAULT_WINDOW = 512  # of a site that had none


class NoMutant(Exception):
    """The site has nothing that this kind of mutant could change."""


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to be written at an address."""
    address: int
    data: bytes


def make(subject, site: Site, kind: str) -> list[Edit]:
    """The edits of one mutant. `subject` is the kernel (subject.py)."""
    word, _, number = kind.partition(" ")
    if word == "leave":
        return [subject.nothing(site.pc, site.pc + site.length), subject.forget(site)]
    if word == "restore":
        return _closed(subject, site)
    parts = subject.parts(site)
    if word == "window":
        if site.rule not in (4, 5) or int(number) == site.window:
            raise NoMutant
        return _rebuilt(subject, site, site.rule, int(number), int(number))
    if word == "rule":
        return _other_rule(subject, site, int(number))
    if word == "silent":
        if not parts.load:
            raise NoMutant
        return _rebuilt(subject, site, site.rule, site.window, 0)
    if word == "invert":
        if not parts.test:
            raise NoMutant
        return _rebuilt(subject, site, site.rule, site.window, site.window, inverted=True)
    if word == "prefault":
        if site.rule > 3:
            raise NoMutant
        return _rebuilt(subject, site, site.rule, int(number), int(number))
    raise ValueError(f"there is no kind of mutant {kind!r}")


def _closed(subject, site: Site) -> list[Edit]:
    """The instruction that opens interrupts becomes none."""
    if site.turn != IRQS_ON:
        raise NoMutant
    for line in subject.lines(site):
        if line.mnemonic == "sti" or str(line).startswith("msr daifclr"):
            return [subject.nothing(line.address, line.end)]
    raise NoMutant


def _other_rule(subject, site: Site, rule: int) -> list[Edit]:
    if rule == site.rule:
        raise NoMutant
    window = (site.window or DEFAULT_WINDOW) if rule > 3 else 0
    return _rebuilt(subject, site, rule, window, window)


def _rebuilt(subject, site: Site, rule: int, window: int, loaded: int,
             inverted: bool = False) -> list[Edit]:
    """The site with another beginning: in its place if it fits, otherwise elsewhere. The record
    says `rule` and `window`; the load is made `loaded` bytes below sp."""
    arch, change = subject.arch, subject.parts(site).change
    load = encoding.load(arch, loaded)
    test = encoding.test(arch, change, len(load), inverted) if rule == 5 and load else b""
    code = test + load + change
    spare = site.length - len(code)
    if spare >= 0:
        begin = site.pc + spare
        edits = [subject.nothing(site.pc, begin)] if spare else []
    else:
        begin, emptied = subject.spare_code(len(code) + 5)
        edits = [emptied, subject.nothing(site.pc, site.pc + site.length),
                 Edit(site.pc, encoding.jump(arch, site.pc, begin))]
        code += encoding.jump(arch, begin + len(code), site.pc + site.length)
    length = len(test + load + change)
    return [*edits, Edit(begin, code),
            subject.record(site, Site(begin, rule, site.turn, length, window))]


def record_bytes(place: int, site: Site) -> bytes:
    """A site record (kernel/context/site.hpp) at `place`."""
    return struct.pack("<iBBH", site.pc - place, site.rule << 4 | site.turn, site.length,
                       site.window)
