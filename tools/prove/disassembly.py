"""Instructions as text, by the toolchain's objdump: it always matches its own assembler."""

import dataclasses
import re
import subprocess

LINE = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f ]+)\t(\S+)(?:\s+(.*))?$")
# "ffffffff80109083 <name+0x8>", and what objdump says behind an instruction.
NOTE = re.compile(r"\s*(?:<[^>]*>|//.*|#\s.*)")
OPTIONS = {"x86_64": ["-M", "intel"], "aarch64": []}


@dataclasses.dataclass(slots=True)
class Instruction:
    """One instruction: `operands` without objdump's notes."""
    address: int
    end: int
    mnemonic: str
    operands: str

    def __str__(self) -> str:
        return f"{self.mnemonic} {self.operands}".strip()


def disassemble(path: str, arch: str, section: str = ".text") -> dict[int, Instruction]:
    """Every instruction of a section, by address, in order."""
    command = [f"{arch}-linux-gnu-objdump", "-d", "-w", *OPTIONS[arch],
               "-j", section, path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return parse(text)


def parse(text: str) -> dict[int, Instruction]:
    """What objdump prints, as instructions."""
    found: dict[int, Instruction] = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        address = int(match.group(1), 16)
        operands = match.group(4) or ""
        if "<" in operands or "//" in operands or "#" in operands:
            operands = clean(operands)
        length = len(match.group(2).replace(" ", "")) // 2
        found[address] = Instruction(address, address + length, match.group(3), operands)
    return found


def clean(operands: str) -> str:
    """Operands without objdump's notes."""
    return NOTE.sub("", operands).strip()
