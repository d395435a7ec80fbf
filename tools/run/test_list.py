"""The in-kernel tests that are linked into an image, read from its ELF file."""

import re
import struct
from typing import NamedTuple

# tests/runner/test.hpp, KernelTest: name, function, file, line, deadline_millions.
RECORD = struct.Struct("<QQQII")


class KernelTest(NamedTuple):
    """One test: its sentence and where it stands."""

    name: str
    file: str
    line: int


def read(elf) -> list[KernelTest]:
    """The tests of an image, by file and line; none if it has none."""
    image = Image(elf)
    section = image.section(".kernel_tests") or b""
    found = []
    for name, _, file, line, _ in RECORD.iter_unpack(section[:len(section) // 32 * 32]):
        found.append(KernelTest(image.text_at(name), image.text_at(file), line))
    return sorted(found, key=lambda test: (test.file, test.line))


def matching(tests, pattern: str) -> list[KernelTest]:
    """Those whose sentence matches a glob, as the kernel's `test=` has it: "*" and "?" are special,
    brackets are not."""
    special = {"*": ".*", "?": "."}
    glob = re.compile("".join(special.get(c, re.escape(c)) for c in pattern), re.DOTALL)
    return [test for test in tests if glob.fullmatch(test.name)]


class Image:
    """Just enough of a 64-bit little-endian ELF file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self._data = file.read()
        if self._data[:4] != b"\x7fELF":
            raise ValueError(f"{path} is no ELF file")
        programs, sections = struct.unpack_from("<QQ", self._data, 0x20)
        size, count, section_size, section_count, names = struct.unpack_from(
            "<HHHHH", self._data, 0x36)
        self._segments = [struct.unpack_from("<IIQQQQQQ", self._data, programs + size * i)
                          for i in range(count)]
        self._sections = [struct.unpack_from("<IIQQQQIIQQ", self._data, sections + section_size * i)
                          for i in range(section_count)]
        self._names = self._sections[names][4]

    def section(self, wanted: str):
        """The bytes of a section, or of the linker's table of that name; None without it."""
        for section in self._sections:
            if self._string(self._names + section[0]) == wanted:
                return self._data[section[4]:section[4] + section[5]]
        begin, end = self._symbols("fathom_tests_begin", "fathom_tests_end")
        return self._at(begin, end - begin) if begin else None

    def text_at(self, address: int) -> str:
        """The C string at a virtual address."""
        for _, _, offset, virtual, _, size, _, _ in self._segments:
            if virtual <= address < virtual + size:
                return self._string(offset + address - virtual)
        return ""

    def _at(self, address: int, size: int) -> bytes:
        for _, _, offset, virtual, _, file_size, _, _ in self._segments:
            if virtual <= address and address + size <= virtual + file_size:
                return self._data[offset + address - virtual:offset + address - virtual + size]
        return b""

    def _symbols(self, *wanted: str) -> list[int]:
        found = dict.fromkeys(wanted, 0)
        for _, kind, _, _, offset, size, link, _, _, _ in self._sections:
            if kind != 2:  # SHT_SYMTAB
                continue
            for at in range(offset, offset + size, 24):
                name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", self._data, at)
                text = self._string(self._sections[link][4] + name)
                if text in found:
                    found[text] = value
        return [found[name] for name in wanted]

    def _string(self, offset: int) -> str:
        return self._data[offset:self._data.index(b"\0", offset)].decode(errors="replace")
