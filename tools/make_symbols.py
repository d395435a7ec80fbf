#!/usr/bin/python3
"""Writes the kernel's symbol table, so that a panic can name functions.

The kernel is linked twice. The first link has an empty `.symbols` section; this program reads its
text symbols and writes an assembly file with the table; the second link takes it in. `.symbols` is
the last section of rodata, behind the text, so the second link moves no instruction: `--verify`
proves that on the two ELF files.

The table, all numbers little-endian and 32 bits wide (kernel/panic/symbols.cpp reads it):

    count
    count times: offset from fathom_text_begin, offset of the name from the first name; by address
    the names, each ended by a zero byte

The parts of one function that the compiler split (`.cold`, `.part.0`) share one name entry: that is
how the kernel finds the hot part of a function from its cold one.

Standard library only.
"""

import argparse
import re
import subprocess
import sys
from typing import NamedTuple

TEXT_BEGIN = "fathom_text_begin"
TEXT_END = "fathom_text_end"
LONGEST_TEMPLATE_ARGUMENTS = 16
LONGEST_NAME = 56
CLONE = re.compile(r"(\.(cold|part|isra|constprop|lto_priv|llvm)(\.\d+)*)+$")
OPERATOR = re.compile(r"operator(\(\)|<<=|>>=|<=>|<<|>>|<=|>=|->\*?|<|>)")


class Symbol(NamedTuple):
    """One function of the kernel's text."""

    address: int
    kind: str
    mangled: str
    name: str


def run_nm(nm: str, elf: str, *options: str) -> list[str]:
    """The lines that nm prints for `elf`, but for symbols that have no name: LTO leaves some."""
    command = [nm, "--defined-only", "-n", *options, elf]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"make_symbols: {' '.join(command)} failed:\n{done.stderr}")
    return [line for line in done.stdout.splitlines() if len(line.split(maxsplit=2)) == 3]


def remove_groups(text: str, opening: str, closing: str, longest: int) -> str:
    """`text` with every balanced group longer than `longest` emptied; "()" vanish altogether."""
    out: list[str] = []
    starts: list[int] = []
    for character in text:
        out.append(character)
        if character == opening:
            starts.append(len(out) - 1)
        elif character == closing and starts:
            start = starts.pop()
            if len(out) - start > longest + 2:
                out[start:] = "<..>" if opening == "<" else ""
    return "".join(out)


def shorten(demangled: str) -> str:
    """A name that fits a line: no parameters, no return type, no long template arguments.

    >>> shorten("fathom::mm::A<3>::grow(int (*)(int), unsigned long) const")
    'mm::A<3>::grow'
    >>> shorten("int* fathom::mm::(anonymous namespace)::find<char const*>(int) [clone .cold]")
    'mm::find<char const*>'
    >>> shorten("fathom::run(int)::{lambda(int)#1}::operator()(int) const")
    'run::{lambda#1}'
    >>> shorten("fathom::Sink::operator<<(char)")
    'Sink::operator<<'
    >>> shorten("handle_panic")
    'handle_panic'
    """
    name = re.sub(r" \[clone [^\]]*\]", "", demangled)
    name = name.replace("(anonymous namespace)::", "").replace("fathom::", "")
    # Operators would unbalance the groups: hide their brackets meanwhile.
    hidden: list[str] = []

    def hide(match: re.Match) -> str:
        hidden.append(match.group(0))
        return f"\x01{len(hidden) - 1}\x02"

    name = OPERATOR.sub(hide, name)
    name = remove_groups(name, "(", ")", -2)
    name = remove_groups(name, "<", ">", LONGEST_TEMPLATE_ARGUMENTS)
    name = re.sub(r"( const| volatile| &| &&)+$", "", name.strip())
    name = drop_return_type(name)
    for number, operator in enumerate(hidden):
        name = name.replace(f"\x01{number}\x02", operator)
    name = re.sub(r"(\{lambda#\d+\})::operator\(\)$", r"\1", name)
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 2] + ".."


def drop_return_type(name: str) -> str:
    """Without what stands before the last space outside of any "<>"; conversions keep theirs."""
    conversion = re.search(r"operator [^<>]*$", name)
    end = conversion.start() if conversion else len(name)
    depth = 0
    for index in range(end - 1, -1, -1):
        depth += {">": 1, "<": -1}.get(name[index], 0)
        if name[index] == " " and depth == 0:
            return name[index + 1 :]
    return name


def read_symbols(nm: str, elf: str) -> tuple[int, list[Symbol]]:
    """fathom_text_begin and the functions between it and fathom_text_end, one for each address."""
    mangled = [line.split(maxsplit=2) for line in run_nm(nm, elf)]
    demangled = {}
    for line in run_nm(nm, elf, "-C"):
        address, kind, name = line.split(maxsplit=2)
        demangled.setdefault((address, kind), []).append(name)
    bounds = {name: int(address, 16) for address, _, name in mangled}
    if TEXT_BEGIN not in bounds or TEXT_END not in bounds:
        raise SystemExit(f"make_symbols: {elf} has no {TEXT_BEGIN} or no {TEXT_END}")
    begin, end = bounds[TEXT_BEGIN], bounds[TEXT_END]
    best: dict[int, Symbol] = {}
    for address_text, kind, name in mangled:
        address = int(address_text, 16)
        pretty = demangled[(address_text, kind)].pop(0)
        if kind not in "tTwW" or not begin <= address < end or name in (TEXT_BEGIN, TEXT_END):
            continue
        symbol = Symbol(address, kind, name, shorten(pretty))
        if address not in best or preference(symbol) < preference(best[address]):
            best[address] = symbol
    return begin, [best[address] for address in sorted(best)]


def preference(symbol: Symbol) -> tuple:
    """Among names of one address: global before weak before local, then the shorter one."""
    return "TWwt".index(symbol.kind), len(symbol.name), symbol.name


def assembly(begin: int, symbols: list[Symbol]) -> str:
    """The table as an assembly file for either architecture."""
    lines = [
        "/* Written by tools/make_symbols.py from the first link; do not edit. */",
        '        .section .symbols, "a", %progbits',
        "        .balign 4",
        f"        .long {len(symbols)}",
    ]
    name_offsets: dict[tuple[str, str], int] = {}
    names: list[str] = []
    next_offset = 0
    for symbol in symbols:
        key = (CLONE.sub("", symbol.mangled), symbol.name)
        if key not in name_offsets:
            name_offsets[key] = next_offset
            names.append(symbol.name)
            next_offset += len(symbol.name.encode()) + 1
        lines.append(f"        .long {symbol.address - begin:#x}, {name_offsets[key]}")
    for name in names:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'        .asciz "{quoted}"')
    return "\n".join(lines) + "\n"


def verify(nm: str, first: str, second: str) -> int:
    """0 if both links have the same functions at the same addresses, else 1 and a message."""
    before = {(s.address, s.mangled) for s in read_symbols(nm, first)[1]}
    after = {(s.address, s.mangled) for s in read_symbols(nm, second)[1]}
    if before == after:
        return 0
    for address, name in sorted(before ^ after)[:5]:
        where = "first" if (address, name) in before else "second"
        print(f"make_symbols: only in the {where} link: {address:#x} {name}", file=sys.stderr)
    print("make_symbols: the second link moved text; .symbols must be last in rodata",
          file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", required=True, help="nm of the target's toolchain")
    parser.add_argument("elf", help="the kernel as first linked")
    parser.add_argument("-o", "--output", help="the assembly file to write")
    parser.add_argument("--verify", metavar="ELF", help="check that this second link moved no text")
    arguments = parser.parse_args()
    if arguments.verify:
        return verify(arguments.nm, arguments.elf, arguments.verify)
    if not arguments.output:
        parser.error("give -o or --verify")
    begin, symbols = read_symbols(arguments.nm, arguments.elf)
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(assembly(begin, symbols))
    return 0


if __name__ == "__main__":
    sys.exit(main())
