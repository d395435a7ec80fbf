"""The linked kernel as the prover sees it: bytes, functions, records, addresses that are taken.

Everything comes from the final ELF file and its relocations (the kernel is linked with
--emit-relocs); nothing is read that could differ from what runs.
"""

import bisect
import dataclasses
import struct

from elftools.elf.elffile import ELFFile

# Relocations of instructions that branch; any other one to a function takes its address.
BRANCH_RELOCATIONS = {
    "x86_64": frozenset(),  # R_X86_64_PC32 serves both: the instruction decides (flow.py)
    "aarch64": frozenset({279, 280, 282, 283}),  # TSTBR14, CONDBR19, JUMP26, CALL26
}
# The second half of an address whose first half is told by another relocation.
LOW_HALVES = {"x86_64": frozenset(), "aarch64": frozenset({276, 277, 278, 284, 285, 286, 299})}
PC_RELATIVE = {"x86_64": frozenset({2, 4}), "aarch64": frozenset({260, 261})}
DISTANCE_BYTES = 4  # a far branch ends with them, or (aarch64) is them: where it leads
SYMBOL = struct.Struct("<IBBHQQ")  # Elf64_Sym: name, info, other, section, value, size
NO_TYPE, FUNCTION, SECTION = 0, 2, 3  # the lower half of a symbol's info
ABSOLUTE = 0xfff1  # a symbol's section: none, like 0 and what is above
ARCHITECTURES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}


@dataclasses.dataclass(frozen=True, slots=True)
class Function:
    """A symbol of code: [start, end) and the first of its names."""
    start: int
    end: int
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """An address of code that is taken: where, and whose."""
    place: int
    target: int
    in_code: bool


def arch_of(path: str) -> str:
    """Which architecture an ELF file is for."""
    with open(path, "rb") as file:
        machine = ELFFile(file)["e_machine"]
    if machine not in ARCHITECTURES:
        raise ValueError(f"{path}: neither x86_64 nor aarch64")
    return ARCHITECTURES[machine]


class Image:
    """An ELF file of either architecture."""

    def __init__(self, path: str):
        self.path = path
        self.arch = arch_of(path)
        with open(path, "rb") as file:
            elf = ELFFile(file)
            self._read_sections(elf)
            self._read_symbols(elf)
            self._read_relocations(elf)
            self.compiler = _compiler_of(elf)

    def _read_sections(self, elf: ELFFile) -> None:
        self.sections = {}
        self._loaded_names = set()
        for section in elf.iter_sections():
            flags, kind = section["sh_flags"], section["sh_type"]
            if kind == "SHT_PROGBITS" and (flags & 2 or section.name == ".debug_prover"):
                self.sections[section.name] = (section["sh_addr"], section.data())
                if flags & 2:
                    self._loaded_names.add(section.name)
        self.set_loaded()
        self.text_start, text = self.sections[".text"]
        self.text_end = self.text_start + len(text)

    def set_loaded(self) -> None:
        """To be called when `sections` has changed."""
        self._loaded = [self.sections[name] for name in self._loaded_names]

    def _read_symbols(self, elf: ELFFile) -> None:
        table = elf.get_section_by_name(".symtab")
        names = elf.get_section(table["sh_link"]).data()
        # Unpacked here: the library takes seconds for what is tens of thousands of them.
        self._symbols = [
            (value, size, info & 15, names[name:names.index(0, name)].decode(), section)
            for name, info, _, section, value, size in SYMBOL.iter_unpack(table.data())]
        self.address_of = {}
        functions = {}
        for value, size, kind, name, _ in self._symbols:
            if name:
                self.address_of[name] = value
            if kind == FUNCTION and self.in_text(value) and value not in functions:
                functions[value] = (size, name)
        # Assembly labels without a type are starts as well, if no function holds them.
        typed = sorted((value, value + size) for value, (size, _) in functions.items())
        for value, size, kind, name, _ in self._symbols:
            if kind == NO_TYPE and name and name[0] != "$" and self.in_text(value) \
                    and value not in functions and not _inside(typed, value):
                functions[value] = (size, name)
        starts = sorted(functions)
        self.functions = []
        for index, start in enumerate(starts):
            size, name = functions[start]
            limit = starts[index + 1] if index + 1 < len(starts) else self.text_end
            self.functions.append(Function(start, min(start + size, limit) if size else limit,
                                           name))
        self.starts = starts
        self.by_start = {f.start: f for f in self.functions}

    def _read_relocations(self, elf: ELFFile) -> None:
        """Collects every place that holds the address of code, direct branches left out."""
        self.taken = []
        self.text_relocations = []  # (place, kind, target, what it is called: see _called)
        self.branch_targets = {}  # where a branch leads whose distance stands at a place
        symbols = self._symbols
        branches, halves = BRANCH_RELOCATIONS[self.arch], LOW_HALVES[self.arch]
        for name, (start, data) in self.sections.items():
            table = elf.get_section_by_name(".rela" + name)
            if table is None or name == ".debug_prover":
                continue
            raw = table.data()
            in_code = name == ".text"
            for offset, info, addend in struct.iter_unpack("<QQq", raw):
                kind = info & 0xffffffff
                if in_code:
                    symbol = symbols[info >> 32]
                    self.text_relocations.append((offset, kind, symbol[0] + addend,
                                                  _called(symbol, addend)))
                target = symbols[info >> 32][0] + addend
                if kind in branches and in_code:
                    self.branch_targets[offset] = target
                if kind in branches or kind in halves:
                    continue
                if kind in PC_RELATIVE[self.arch]:
                    if not in_code:
                        continue  # .stack_sites: offsets, no pointers
                    target += DISTANCE_BYTES if self.arch == "x86_64" else 0
                    self.branch_targets[offset] = target
                if self.in_text(target) and not self._is_bound(symbols[info >> 32], target):
                    self.taken.append(Taken(offset, target, in_code))

    def _is_bound(self, symbol: tuple, target: int) -> bool:
        """Whether a linker script's symbol is meant (fathom_text_begin), not the code there."""
        function = self.by_start.get(target)
        return symbol[2] == NO_TYPE and function is not None and function.name != symbol[3]

    def in_text(self, address: int) -> bool:
        return self.text_start <= address < self.text_end

    def function_at(self, address: int) -> Function | None:
        """The function whose range holds `address`."""
        index = bisect.bisect_right(self.starts, address) - 1
        if index >= 0 and address < self.functions[index].end:
            return self.functions[index]
        return None

    def name_of(self, address: int) -> str:
        function = self.function_at(address)
        if function is None:
            return f"{address:#x}"
        offset = address - function.start
        return function.name + (f"+{offset:#x}" if offset else "")

    def bytes_at(self, address: int, size: int) -> bytes:
        for start, data in self._loaded:
            if start <= address and address + size <= start + len(data):
                return data[address - start:address - start + size]
        raise ValueError(f"no loaded bytes at {address:#x}")


def _called(symbol: tuple, addend: int) -> tuple:
    """What the linker fills in, without where a section lies. A section has no name, and the
    addend says where in it: that moves as well. A value that is in no section counts as it is."""
    value, _, kind, name, section = symbol
    in_section = 0 < section < ABSOLUTE
    return name, 0 if kind == SECTION else addend, None if in_section else value


def _compiler_of(elf: ELFFile) -> str:
    """The compiler's name and version, as the debug information says; and how it optimised, if
    not as a release is (-O2)."""
    if elf.has_dwarf_info():
        # A linked file: its debug sections are relocated already.
        for unit in elf.get_dwarf_info(relocate_dwarf_sections=False).iter_CUs():
            producer = unit.get_top_DIE().attributes.get("DW_AT_producer")
            if producer is not None and b"C++" in producer.value or producer and \
                    b"clang" in producer.value:
                name, *options = producer.value.decode().split(" -")
                other = [f" -{o}" for o in options if o == "flto" or o[0] == "O" and o != "O2"]
                return name.replace("GNU C++20", "GCC").strip() + "".join(other)
    return "unknown"


def _inside(ranges: list[tuple[int, int]], value: int) -> bool:
    """Whether one of the sorted `ranges` holds `value`."""
    index = bisect.bisect_right(ranges, (value, 1 << 64)) - 1
    return index >= 0 and value < ranges[index][1]
