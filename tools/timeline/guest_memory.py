"""The memory of a guest that has run, from the file that backed its RAM."""

import mmap
import pathlib
import struct

from elftools.elf.elffile import ELFFile

PAGE = 4096
DIRECT_MAP = 0xFFFF800000000000
ADDRESS_BITS = 0x0000FFFFFFFFF000
# Where RAM begins (QEMU's pc, q35 and virt machines).
RAM_BASE = {"x86_64": 0, "aarch64": 0x40000000}
# QEMU's q35 moves what lies above this to 4 GiB.
LARGEST_RAM = 2 << 30
ROOT_SYMBOL = "_ZN6fathom2mm12kernel_tableE"


class GuestMemory:
    """A kernel's ELF file together with the RAM that it ran in."""

    def __init__(self, elf: pathlib.Path, ram: pathlib.Path):
        with open(elf, "rb") as file:
            image = ELFFile(file)
            self.arch = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}[image["e_machine"]]
            self.symbols = {symbol.name: (symbol["st_value"], symbol["st_size"]) for symbol
                            in image.get_section_by_name(".symtab").iter_symbols()}
            self._segments = [(s["p_vaddr"], s["p_memsz"], s["p_paddr"])
                              for s in image.iter_segments() if s["p_type"] == "PT_LOAD"]
        self.elf = elf
        with open(ram, "rb") as file:
            self._ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if len(self._ram) > LARGEST_RAM:
            raise ValueError(f"{ram}: more than 2 GiB of RAM do not lie in one piece; use MEM=2G")
        self.ram_base = RAM_BASE[self.arch]
        # A leaf above 4 KiB: x86_64 has bit 7 set, aarch64 has bit 1 clear.
        self._block = (0x80, 0x80) if self.arch == "x86_64" else (2, 0)
        self.root = self.word(self.image_address(ROOT_SYMBOL)) & ADDRESS_BITS

    @property
    def ram_bytes(self) -> int:
        return len(self._ram)

    def physical(self, address: int, size: int) -> bytes:
        """Bytes at a physical address."""
        begin = address - self.ram_base
        if begin < 0 or begin + size > len(self._ram):
            raise ValueError(f"{address:#x} is not RAM")
        return self._ram[begin:begin + size]

    def word(self, address: int) -> int:
        """64 bits at a physical address."""
        return struct.unpack("<Q", self.physical(address, 8))[0]

    def image_address(self, symbol: str) -> int:
        """The physical address of an object in the kernel's image."""
        return self.in_image(self.symbols[symbol][0])

    def in_image(self, virtual: int) -> int:
        """The physical address of a virtual one in the kernel's image."""
        for begin, size, physical in self._segments:
            if begin <= virtual < begin + size:
                return virtual - begin + physical
        raise ValueError(f"{virtual:#x} is not in the kernel's image")

    def image_ranges(self) -> list[tuple[int, int]]:
        """(physical address, bytes) of each loaded part of the kernel."""
        return [(physical, size) for _, size, physical in self._segments if size]

    def translate(self, virtual: int) -> int | None:
        """The physical address that the kernel's page table gives, or None."""
        table = self.root
        for level in (4, 3, 2, 1):
            shift = 12 + 9 * (level - 1)
            entry = self.word(table + 8 * (virtual >> shift & 511))
            if not entry & 1:
                return None
            if level == 1 or entry & self._block[0] == self._block[1]:
                mask = (1 << shift) - 1
                return entry & ADDRESS_BITS & ~mask | virtual & mask
            table = entry & ADDRESS_BITS
        return None

    def virtual(self, address: int, size: int) -> bytes:
        """Bytes at a virtual address; ValueError where a page is not mapped."""
        found = b""
        while size > 0:
            physical = self.translate(address)
            if physical is None:
                raise ValueError(f"{address:#x} is not mapped")
            part = min(size, PAGE - address % PAGE)
            found += self.physical(physical, part)
            address, size = address + part, size - part
        return found

    def leaves(self, begin: int, end: int):
        """(virtual, bytes, entry) of each mapping in [begin, end), lowest first."""
        yield from self._leaves(self.root, 4, begin, end, 0)

    def _leaves(self, table: int, level: int, begin: int, end: int, base: int):
        shift = 12 + 9 * (level - 1)
        for index, entry in enumerate(struct.unpack("<512Q", self.physical(table, PAGE))):
            if not entry & 1:
                continue
            low = base | index << shift
            if level == 4 and index >= 256:
                low |= 0xFFFF << 48
            if low >= end or low + (1 << shift) <= begin:
                continue
            if level == 1 or entry & self._block[0] == self._block[1]:
                yield low, 1 << shift, entry
            else:
                yield from self._leaves(entry & ADDRESS_BITS, level - 1, begin, end, low)
