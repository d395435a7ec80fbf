"""`fathom pt`: the way through the page table to an address, entry by entry."""

import gdb

from . import kernel

REGIONS = ((0xFFFF800000000000, "direct map"), (0xFFFFA00000000000, "lazily populated stacks"),
           (0xFFFFB40000000000, "address-space ranges"), (0xFFFFC00000000000, "populated stacks"),
           (0xFFFFC10000000000, "nothing"), (0xFFFFFFFF80000000, "the kernel image"))
# Bits of an entry that maps memory: (mask, value, words). SDM vol. 3A, 4.5; Arm ARM, D8.3.
X86_BITS = ((0x2, 0x2, "writable"), (0x2, 0, "read only"), (0x4, 0x4, "user"),
            (0x10, 0x10, "uncached"), (0x20, 0x20, "accessed"), (0x40, 0x40, "dirty"),
            (0x100, 0x100, "global"), (1 << 63, 0, "executable"))
ARM_BITS = ((0x80, 0, "writable"), (0x80, 0x80, "read only"), (0x40, 0x40, "user"),
            (0x400, 0x400, "accessed"), (0x300, 0x300, "inner shareable"),
            (1 << 53, 0, "executable"))


def region_of(address):
    """What lies around an address (docs/architecture.md, "Address space")."""
    found = "nothing"
    for begin, name in REGIONS:
        if address >= begin:
            found = name
    return found


def rights(entry):
    """An entry's rights in words."""
    bits = X86_BITS if kernel.is_x86() else ARM_BITS
    return ", ".join(words for mask, value, words in bits if entry & mask == value)


def walk(address):
    """[(level, table, index, entry)] from the root down, to where the walk ends."""
    found = []
    table = kernel.page_tables()
    if table == 0:
        raise gdb.GdbError("the kernel has no page table yet (mm::init() makes it)")
    for level in (4, 3, 2, 1):
        index = address >> 12 + 9 * (level - 1) & 511
        entry = kernel.read_words(kernel.DIRECT_MAP + table + 8 * index, 1)[0]
        found.append((level, table, index, entry))
        if not entry & 1 or is_leaf(level, entry):
            break
        table = entry & kernel.ADDRESS_BITS
    return found


def is_leaf(level, entry):
    """Whether a valid entry maps memory: bit 7 on x86_64, bit 1 clear on aarch64."""
    return level == 1 or bool(entry & 0x80 if kernel.is_x86() else not entry & 2)


class PageTable(kernel.Command):
    """Walks the kernel's page table to an address and decodes each entry.

    fathom pt ADDRESS      an address or any expression, such as $sp"""

    name = "pt"

    def run(self, words):
        if len(words) != 1:
            raise gdb.GdbError("usage: fathom pt ADDRESS")
        address = kernel.number(words[0])
        kernel.say(f"{address:#018x}, {region_of(address)}")
        for level, table, index, entry in walk(address):
            if not entry & 1:
                meaning = "not mapped: the walk ends here"
            elif is_leaf(level, entry):
                size = 4 << 9 * (level - 1)
                target = entry & kernel.ADDRESS_BITS & ~(size * 1024 - 1)
                meaning = f"{size} KiB at {target:#x}: {rights(entry)}"
            else:
                meaning = f"next table {entry & kernel.ADDRESS_BITS:#x}"
            kernel.say(f"  level {level}  {table:#014x}[{index:>3}]  {entry:#018x}  {meaning}")


PageTable()
