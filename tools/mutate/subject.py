"""The kernel that mutants are made of: its sites, and the prover's verdict on each mutant.

A mutant differs in a few bytes, so the prover keeps what it knows of all other functions
(prove/memo.py). `--from-nothing` holds a sample of these verdicts against proofs of the files.
"""

import collections
import copy
import dataclasses
import pathlib
import re
import subprocess
import tempfile

from elftools.elf.elffile import ELFFile

from prove import disassembly
from prove.image import Image
from prove.program import Program
from prove.records import Site, TURNS_OFF
from prove.report import Report
from prove.rules import conclude
from prove.source import Lines

from . import encoding
from .mutants import Edit, record_bytes

RECORD_BYTES = 8
MACHINES = {"x86_64": ["-m", "i386:x86-64", "-M", "intel"], "aarch64": ["-m", "aarch64"]}


class Subject:
    """A proved kernel image of one architecture."""

    def __init__(self, build: pathlib.Path):
        self.build = build
        self.image = Image(str(build / "fathom.elf"))
        self.arch = self.image.arch
        self.step = len(encoding.NOP[self.arch])
        self.program = Program(self.image)
        self.program.prove()
        self.proof = conclude(self.program)
        if self.proof.findings:
            raise ValueError(f"{build}: not proved to begin with")
        self.report = Report(self.proof, Lines(self.image.path, self.arch))
        self._record_places = {site.pc: place for place, site in self._records()}
        self.named = self._name_sites()

    def _records(self):
        begin = self.image.address_of["fathom_sites_begin"]
        for index, site in enumerate(self.program.records.sites):
            yield begin + index * RECORD_BYTES, site

    # ---- names

    def _name_sites(self) -> dict[tuple[str, str, str], Site]:
        """Sites by what a label calls them: (file, function, "off" or "on" with a number if there
        are several). Only the kernel's own."""
        groups = collections.defaultdict(list)
        self.report.lines.load(s.pc for s in self.program.records.sites)
        for site in sorted(self.program.records.site_at.values(), key=lambda s: s.pc):
            file = self.report.place(site.pc).rpartition(":")[0]
            if file.startswith("kernel/") and site.turn <= max(TURNS_OFF) + 1:
                way = "off" if site.turn in TURNS_OFF else "on"
                groups[file, self.report.name(site.pc), way].append(site)
        return {(file, function, f"{way} {number}"): site
                for (file, function, way), sites in groups.items()
                for number, site in enumerate(sites, 1)}

    def has_lazy_section(self, site: Site) -> bool:
        return self.proof.sites[site.pc].depth is not None

    def is_reached(self, site: Site) -> bool:
        return bool(self.proof.sites[site.pc].contexts)

    # ---- for those who make mutants

    def lines(self, site: Site) -> list[disassembly.Instruction]:
        code = self.program.code
        return [code[at] for at in range(site.pc, site.pc + site.length) if at in code]

    def parts(self, site: Site) -> encoding.Parts:
        return encoding.take_apart(self.arch, self.lines(site),
                                   self.image.bytes_at(site.pc, site.length))

    def record(self, site: Site, new: Site) -> Edit:
        place = self._record_places[site.pc]
        return Edit(place, record_bytes(place, new))

    def forget(self, site: Site) -> Edit:
        """The site's record becomes one of a place that nothing reaches."""
        return self.record(site, dataclasses.replace(site, pc=self.spare_code(0)[0]))

    def spare_code(self, size: int) -> tuple[int, Edit]:
        """Room for more code: instructions of a function that nothing reaches, which no record,
        fact or relocation is about. The address, and the edit that empties it."""
        records, unreached = self.program.records, set(self.proof.unreached)
        taken = {t.place for t in self.image.taken}
        pointers = taken - self.program.branches.operands
        special = {*records.site_at, *self.program.inside_sites, *records.boundary_at,
                   *records.facts_at, *taken}
        for function in self.image.functions:
            inside = range(function.start, function.end)
            if function.name not in unreached or "6fathom" not in function.name or \
                    any(at in inside for at in pointers):
                continue  # what has no C++ name may be where the hardware begins
            begin = None
            for at in (at for at in inside if at in self.program.code):
                end = self.program.code[at].end
                if any(place in special for place in range(at, end)):
                    begin = None
                elif begin is None:
                    begin = at
                if begin is not None and end - begin >= size + self.step:
                    return begin + self.step, self.nothing(begin, end)
        raise ValueError(f"no unreached function has room for {size} bytes")

    def nothing(self, begin: int, end: int) -> Edit:
        """No operations at [begin, end)."""
        return Edit(begin, encoding.NOP[self.arch] * ((end - begin) // self.step))

    # ---- mutants

    def prove(self, edits: list[Edit]) -> list:
        """What the prover finds in a mutant; empty: it calls it harmless."""
        program = Program(self._edited_image(edits), *self._edited_code(edits))
        program.prove()
        return [finding for finding, _ in conclude(program).findings]

    def _edited_image(self, edits: list[Edit]) -> Image:
        image = copy.copy(self.image)
        image.sections = {name: (start, _edited(start, data, edits))
                          for name, (start, data) in self.image.sections.items()}
        image.set_loaded()
        return image

    def _edited_code(self, edits: list[Edit]) -> tuple:
        image, changed, places = self.image, set(), set()
        code = dict(self.program.code)
        for edit in edits:
            place = range(edit.address, edit.address + len(edit.data))
            if not image.in_text(edit.address):
                changed |= {f.start for f in map(image.function_at, self._sites_in(place)) if f}
                continue
            begin, end = self._whole_instructions(place)
            for at in range(begin, end):
                places.add(at)
                code.pop(at, None)
            changed.add(image.function_at(edit.address).start)
        for begin, end in self._gaps(places):
            code.update(self._disassemble(begin, end, edits))
        return code, self.program.memo.without(changed, places)

    def _sites_in(self, place: range):
        """The sites whose records lie there."""
        return [pc for pc, at in self._record_places.items() if at in place]

    def _whole_instructions(self, place: range) -> tuple[int, int]:
        begin = place.start
        while begin not in self.program.code:
            begin -= 1
        end = begin
        while end < place.stop:
            end = self.program.code[end].end if end in self.program.code else end + 1
        return begin, end

    @staticmethod
    def _gaps(places: set[int]):
        """Runs of addresses."""
        run = []
        for at in sorted(places):
            if run and at != run[-1] + 1:
                yield run[0], run[-1] + 1
                run = []
            run.append(at)
        if run:
            yield run[0], run[-1] + 1

    def _disassemble(self, begin: int, end: int, edits: list[Edit]) -> dict:
        data = _edited(begin, self.image.bytes_at(begin, end - begin), edits)
        with tempfile.NamedTemporaryFile(suffix=".bin") as file:
            file.write(data)
            file.flush()
            text = subprocess.run(
                [f"{self.arch}-linux-gnu-objdump", "-D", "-w", "-b", "binary",
                 *MACHINES[self.arch], f"--adjust-vma={begin:#x}", file.name],
                check=True, capture_output=True, text=True).stdout
        # Without symbols objdump writes the targets of branches with 0x.
        return disassembly.parse(re.sub(r"\b0x([0-9a-f]{16})$", r"\1", text, flags=re.MULTILINE))

    def write(self, edits: list[Edit], folder: pathlib.Path) -> None:
        """Writes what tools/run boots: the ELF file, and on aarch64 the flat image."""
        path = pathlib.Path(self.image.path)
        folder.mkdir(parents=True, exist_ok=True)
        data = bytearray(path.read_bytes())
        with open(path, "rb") as file:
            sections = [(s["sh_addr"], s["sh_size"], s["sh_offset"])
                        for s in ELFFile(file).iter_sections()
                        if s["sh_flags"] & 2 and s["sh_type"] != "SHT_NOBITS"]
        for edit in edits:
            start, _, offset = next(s for s in sections if s[0] <= edit.address < s[0] + s[1])
            at = offset + edit.address - start
            data[at:at + len(edit.data)] = edit.data
        (folder / "fathom.elf").write_bytes(data)
        if self.arch == "aarch64":
            subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary",
                            str(folder / "fathom.elf"), str(folder / "Image")], check=True)


def _edited(start: int, data: bytes, edits: list[Edit]) -> bytes:
    """Bytes that begin at address `start`, with the edits that lie in them."""
    for edit in edits:
        at = edit.address - start
        if at < len(data) and at + len(edit.data) > 0:
            begin, end = max(at, 0), min(at + len(edit.data), len(data))
            data = data[:begin] + edit.data[begin - at:end - at] + data[end:]
    return data
