"""Instructions as text, by the toolchain's objdump: it always matches its own assembler."""

import dataclasses
import re
import subprocess
import tempfile

LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f ]+)\t(\S+)[ \t]*(.*)$", re.MULTILINE)
# With these begins what objdump says of operands, behind them: "ffffffff80109083 <name+0x8>".
NOTES = ("<", "//", "# ")
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


class Listing:
    """objdump at work on a section: begun, and read when it is needed."""

    def __init__(self, path: str, arch: str, section: str = ".text",
                 part: tuple[int, int] | None = None):
        command = [f"{arch}-linux-gnu-objdump", "-d", "-w", *OPTIONS[arch], "-j", section, path]
        if part is not None:
            command += [f"--start-address={part[0]:#x}", f"--stop-address={part[1]:#x}"]
        self._text = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._objdump = subprocess.Popen(command, stdout=self._text, stdin=subprocess.DEVNULL)

    def instructions(self) -> dict[int, Instruction]:
        """Every instruction of the section, by address, in order."""
        if self._objdump.wait() != 0:
            raise subprocess.CalledProcessError(self._objdump.returncode, self._objdump.args)
        with self._text as text:
            text.seek(0)
            return parse(text.read())


def disassemble(path: str, arch: str, section: str = ".text",
                part: tuple[int, int] | None = None) -> dict[int, Instruction]:
    """Every instruction of a section, or of [begin, end) in it, by address, in order."""
    return Listing(path, arch, section, part).instructions()


def version(arch: str) -> str:
    """Which objdump it is."""
    return subprocess.run([f"{arch}-linux-gnu-objdump", "--version"], check=True, text=True,
                          capture_output=True).stdout.partition("\n")[0]


def parse(text: str) -> dict[int, Instruction]:
    """What objdump prints, as instructions."""
    found: dict[int, Instruction] = {}
    for digits, code, mnemonic, operands in LINE.findall(text):
        address = int(digits, 16)
        for note in NOTES:
            if note in operands:
                operands = operands[:operands.index(note)].rstrip()
        length = len(code.replace(" ", "")) // 2
        found[address] = Instruction(address, address + length, mnemonic, operands)
    return found
