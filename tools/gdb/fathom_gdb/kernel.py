"""What the other modules ask of the stopped kernel: memory, symbols, the command prefix."""

import struct
import textwrap

import gdb
from log_filter import Lines, shorten as shorten_path
from make_symbols import shorten as shorten_name

PAGE = 4096
DIRECT_MAP = 0xFFFF800000000000
ADDRESS_BITS = 0x0000FFFFFFFFF000
MAX_64 = (1 << 64) - 1
CONTINUED = " " * 8


def say(text):
    """Prints whole lines. One that is too long for the terminal goes on, indented, on the next."""
    width = gdb.parameter("width")
    for line in text.split("\n"):
        if width and len(line) > width:
            line = "\n".join(textwrap.wrap(line, width, subsequent_indent=CONTINUED,
                                           break_long_words=False, break_on_hyphens=False))
        gdb.write(line + "\n")


class Prefix(gdb.Command):
    """What the kernel's threads, stacks, sites and traces are like."""

    def __init__(self):
        super().__init__("fathom", gdb.COMMAND_USER, prefix=True)


Prefix()


class Command(gdb.Command):
    """A command `fathom <name>`; its class's docstring is its help text."""

    name = ""
    asks_kernel = True  # about its memory; not only about the image

    def __init__(self):
        super().__init__(f"fathom {self.name}", gdb.COMMAND_USER)

    def invoke(self, argument, _from_tty):
        if self.asks_kernel:
            check_kernel()
        try:
            self.run(gdb.string_to_argv(argument))
        except (gdb.error, gdb.MemoryError) as error:
            raise gdb.GdbError(f"fathom {self.name}: {error}") from error

    def run(self, words):
        """Does the command; `words` are its arguments."""
        raise NotImplementedError


def check_kernel():
    """A GdbError, where the kernel cannot be asked."""
    if not gdb.selected_inferior().threads():
        raise gdb.GdbError("the kernel has ended: there is nothing left to look at")
    try:
        read_words(symbol_address("fathom_text_begin"), 1)
    except gdb.MemoryError as error:
        raise gdb.GdbError("the kernel has no page tables yet: continue first, as with\n"
                           "tbreak kernel_main, or fathom break-populate") from error


def number(text):
    """An argument as a number; anything that GDB can evaluate will do."""
    try:
        return int(gdb.parse_and_eval(text).cast(gdb.lookup_type("unsigned long"))) & MAX_64
    except (gdb.error, gdb.MemoryError) as error:
        raise gdb.GdbError(f"{text} is no number: {error}") from error


def is_x86():
    return gdb.selected_inferior().architecture().name().startswith("i386")


def read_words(address, count):
    """`count` 64-bit words from memory."""
    data = gdb.selected_inferior().read_memory(address, 8 * count).tobytes()
    return struct.unpack(f"<{count}Q", data)


def register(name):
    """A register of the selected CPU as an unsigned number."""
    return int(gdb.parse_and_eval(f"${name}").cast(gdb.lookup_type("unsigned long"))) & MAX_64


def symbol_address(name):
    """Where a linker symbol or an extern "C" object lies."""
    path = gdb.current_progspace().filename
    if path not in _symbols:
        _symbols[path] = read_symbols(path)
    if name not in _symbols[path]:
        raise gdb.GdbError(f"{path} has no symbol {name}")
    return _symbols[path][name]


_symbols = {}


def read_symbols(path):
    """{name: address} of an ELF file's symbol table. GDB itself prefers declarations, which know no
    address, over what the linker has defined."""
    with open(path, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, offset + size * i) for i in range(count)]
    table = next(header for header in headers if header[1] == 2)  # SHT_SYMTAB
    names = headers[table[6]][4]
    found = {}
    for at in range(table[4], table[4] + table[5], 24):
        name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", data, at)
        begin = names + name
        found[data[begin:data.index(b"\0", begin)].decode()] = value
    return found


def read_constant(address, size):
    """Constant bytes of the kernel, from its file: before paging is on, memory does not show them
    where they will be."""
    with open(gdb.current_progspace().filename, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<Q", data, 0x20)
    entry, count = struct.unpack_from("<HH", data, 0x36)
    for i in range(count):
        _, _, place, start, _, length, _, _ = struct.unpack_from("<IIQQQQQQ", data,
                                                                 offset + entry * i)
        if start <= address and address + size <= start + length:
            return data[place + address - start:place + address - start + size]
    raise gdb.MemoryError(f"the kernel's file holds nothing for {address:#x}")


def file_static(function, name):
    """The file-static variable `name` of the source file that defines `function`."""
    symbol = gdb.lookup_global_symbol(function)
    if symbol is None:
        raise gdb.GdbError(f"the kernel's debug information has no {function}")
    for block in (symbol.symtab.static_block(), symbol.symtab.global_block()):
        for candidate in block:
            if candidate.is_variable and candidate.name.split("::")[-1] == name:
                return candidate.value()
    raise gdb.GdbError(f"no variable {name} beside {function}")


def function_name(pc):
    """"function +offset" of a code address, as the kernel's own reports have it; "?" if unknown."""
    text = gdb.execute(f"info symbol {pc:#x}", to_string=True).strip()
    if " in section" not in text:
        return "?"
    name, _, offset = text.split(" in section")[0].rpartition(" + ")
    if not name:
        name, offset = text.split(" in section")[0], "0"
    return f"{shorten_name(name)} +{int(offset):#x}"


def lines_of_kernel():
    """addr2line on the kernel's file, started when it is first needed."""
    path = gdb.current_progspace().filename
    if path not in _lines:
        _lines[path] = Lines(path)
    return _lines[path]


_lines = {}


# What a reader of a backtrace or of a site seldom means: library headers, the guards' own lines.
SKIPPED = ("/", "kernel/context/", "kernel/arch/x86_64/native/", "kernel/arch/aarch64/native/")


def source_place(pc):
    """"file:line" of a code address or an empty text. Inlined calls count: the innermost place that
    is not SKIPPED."""
    places = [(shorten_path(path), line) for path, line in lines_of_kernel().places(pc)]
    for path, line in places:
        if not path.startswith(SKIPPED):
            return f"{path}:{line}"
    return f"{places[-1][0]}:{places[-1][1]}" if places else ""


def describe_code(pc):
    return f"{pc:#018x}  {function_name(pc)}  {source_place(pc)}".rstrip()


def in_text(address):
    return symbol_address("fathom_text_begin") <= address < symbol_address("fathom_text_end")


def page_tables():
    """The physical address of the root of the kernel's page tables; 0 before mm::init()."""
    # Not parse_and_eval(): in assembly GDB does not understand the name.
    table = gdb.lookup_global_symbol("fathom::mm::kernel_table")
    return int(table.value()["root_"]["value"])


class PageWalk:
    """Asks the kernel's page tables, through the direct map, which pages are mapped."""

    def __init__(self):
        self._root = page_tables()
        self._tables = {}
        self._block_bit, self._block_value = (0x80, 0x80) if is_x86() else (2, 0)

    def _entry(self, table, index):
        if table not in self._tables:
            self._tables[table] = read_words(DIRECT_MAP + table, 512)
        return self._tables[table][index]

    def present_until(self, address):
        """Whether the page of `address` is mapped, and the end of the run that this is sure for."""
        table = self._root
        for level in (4, 3, 2, 1):
            shift = 12 + 9 * (level - 1)
            entry = self._entry(table, address >> shift & 511) if self._root else 0
            end = ((address >> shift) + 1) << shift
            if not entry & 1:
                return False, end
            if level == 1 or entry & self._block_bit == self._block_value:
                return True, end
            table = entry & ADDRESS_BITS
        raise AssertionError("level 1 always returns")

    def is_present(self, address):
        return self.present_until(address)[0]
