"""A running guest's page tables, read out of its memory through QEMU's monitor.

Both architectures use four levels of 512 entries here; what differs is the root and the bits.
"""

import dataclasses
import re
import subprocess

KERNEL_HALF = 0xFFFF_0000_0000_0000
ADDRESS_BITS = 0x0000_FFFF_FFFF_F000
WORD = re.compile(r"0x([0-9a-f]{16})")


@dataclasses.dataclass
class Mapping:
    """One leaf: what it maps where, and all that it allows, the levels above counted in."""

    virtual: int
    size: int
    physical: int
    writable: bool
    executable: bool
    user: bool


@dataclasses.dataclass
class Rights:
    """What an entry on the way to a leaf, or the leaf, leaves allowed."""

    writable: bool = True
    executable: bool = True
    user: bool = True

    def and_then(self, other):
        return Rights(self.writable and other.writable, self.executable and other.executable,
                      self.user and other.user)


def rights_x86_64(entry, _leaf):
    """Intel SDM volume 3, 4.6: every level has its say."""
    return Rights(bool(entry & 2), not entry >> 63 & 1, bool(entry & 4))


def rights_aarch64(entry, leaf):
    """Arm ARM, D8.4: APTable and PXNTable in a table's entry, AP[2:1] and PXN in a leaf's."""
    if leaf:
        return Rights(not entry >> 7 & 1, not entry >> 53 & 1, bool(entry >> 6 & 1))
    return Rights(not entry >> 62 & 1, not entry >> 59 & 1, not entry >> 61 & 1)


def is_leaf(arch, entry, level):
    if level == 1:
        return True
    return bool(entry >> 7 & 1) if arch == "x86_64" else not entry >> 1 & 1


def read_table(qmp, address):
    """The 512 entries at a physical address."""
    words = []
    for line in qmp.monitor(f"xp /512gx {address:#x}").splitlines():
        words += [int(word, 16) for word in WORD.findall(line.split(":", 1)[-1])]
    if len(words) != 512:
        raise SystemExit(f"the monitor gave {len(words)} words of the table at {address:#x}")
    return words


def canonical(arch, address):
    """An address from its low 48 bits. On aarch64 the root is TTBR1's: the high half alone."""
    return address | KERNEL_HALF if arch == "aarch64" or address >> 47 else address


def walk(qmp, arch, root):
    """Every leaf under `root`."""
    decode = rights_x86_64 if arch == "x86_64" else rights_aarch64

    def visit(table, level, virtual, rights):
        size = 1 << (3 + 9 * level)
        for index, entry in enumerate(read_table(qmp, table)):
            if not entry & 1:
                continue
            at, leaf = virtual + index * size, is_leaf(arch, entry, level)
            allowed = rights.and_then(decode(entry, leaf))
            physical = entry & ADDRESS_BITS
            if leaf:
                yield Mapping(canonical(arch, at), size, physical & ~(size - 1), **vars(allowed))
            else:
                yield from visit(physical, level - 1, at, allowed)

    return list(visit(root & ADDRESS_BITS, 4, 0, Rights()))


def x86_64_registers(qmp):
    """For each CPU, its CR0, CR3 and EFER, by the monitor."""
    text = qmp.monitor("info registers -a")
    found = {name: re.findall(rf"\b{name}=([0-9a-f]+)", text) for name in ("CR0", "CR3", "EFER")}
    return [dict(zip(found, (int(value, 16) for value in values)))
            for values in zip(*found.values())]


def aarch64_registers(guest, names=("TTBR1_EL1", "TCR_EL1", "SCTLR")):
    """For each CPU, system registers by QEMU's names: its monitor does not show them, its GDB stub
    does."""
    command = ["gdb-multiarch", "-nx", "-batch", "-ex", f"target remote {guest.gdb_socket}"]
    command += ["-ex", "thread apply all info registers " + " ".join(names)]
    done = subprocess.run([*command, str(guest.options.elf)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=False)
    found = {name: re.findall(rf"^{name} +0x([0-9a-f]+)", done.stdout, re.MULTILINE)
             for name in names}
    return [dict(zip(found, (int(value, 16) for value in values)))
            for values in zip(*found.values())]
