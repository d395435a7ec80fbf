"""Pretty printers for the kernel's units."""

import gdb
import gdb.printing


class Address:
    """VirtAddr and PhysAddr: the number, and the symbol that lies there if any."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        address = int(self._value["value"])
        kind = self._value.type.strip_typedefs().unqualified().name.rsplit("::", maxsplit=1)[-1]
        symbol = gdb.execute(f"info symbol {address:#x}", to_string=True).strip()
        name = f" <{symbol.split(' in section')[0]}>" if " in section" in symbol else ""
        return f"{kind}({address:#018x}{name if kind == 'VirtAddr' else ''})"


class Pages:
    """PageCount."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        count = int(self._value["value"])
        return f"{count} page{'' if count == 1 else 's'}"


class Id:
    """ThreadId: the number, its slot and how often that was used before."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        number = int(self._value["value"])
        return f"thread {number}" if number else "nobody"


def make():
    printer = gdb.printing.RegexpCollectionPrettyPrinter("fathom")
    printer.add_printer("address", "^fathom::(Virt|Phys)Addr$", Address)
    printer.add_printer("pages", "^fathom::PageCount$", Pages)
    printer.add_printer("thread id", "^fathom::ThreadId$", Id)
    return printer


gdb.printing.register_pretty_printer(None, make(), replace=True)
