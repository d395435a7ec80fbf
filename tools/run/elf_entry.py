"""Where a kernel image begins to execute, as a physical address: what a debugger stops at."""

import struct

PT_LOAD, PT_NOTE = 1, 4
XEN_ELFNOTE_PHYS32_ENTRY = 18


def first_instruction(elf):
    """The PVH entry if the ELF file has one (QEMU's -kernel starts there), else its entry point as
    loaded."""
    data = elf.read_bytes()
    entry, table = struct.unpack_from("<QQ", data, 24)
    size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    for kind, _, offset, _, _, length in headers:
        if kind == PT_NOTE:
            address = pvh_entry(data[offset:offset + length])
            if address is not None:
                return address
    for kind, _, _, virtual, physical, length in headers:
        if kind == PT_LOAD and virtual <= entry < virtual + length:
            return entry - virtual + physical
    return entry


def pvh_entry(notes):
    """The address in the PVH note among `notes`, or None."""
    position = 0
    while position + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from("<III", notes, position)
        name = notes[position + 12:position + 12 + name_size]
        start = position + 12 + round_up(name_size)
        if kind == XEN_ELFNOTE_PHYS32_ENTRY and name == b"Xen\0":
            return int.from_bytes(notes[start:start + size], "little")
        position = start + round_up(size)
    return None


def round_up(size):
    return (size + 3) & ~3
