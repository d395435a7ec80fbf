"""Pretty printers for the kernel's units."""

import gdb
import gdb.printing

from . import frames, sites


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


class Outcome:
    """Result<T>: the value, or the error's name."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        fields = {field.name for field in self._value.type.strip_typedefs().fields()}
        if "failed_" in fields:  # Result<void>
            return self._error() if self._value["failed_"] else "ok"
        payload = self._value["value_"]["_M_payload"]
        if not payload["_M_engaged"]:
            return self._error()
        return f"ok: {payload['_M_payload']['_M_value'].format_string()}"

    def _error(self):
        return f"error: {str(self._value['error_']).rsplit('::', maxsplit=1)[-1]}"


class Text:
    """std::string_view."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        length = int(self._value["_M_len"])
        if length == 0:
            return '""'
        return self._value["_M_str"].lazy_string(length=min(length, 200))

    @staticmethod
    def display_hint():
        return "string"


class Word:
    """ContextWord: its depths."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        return frames.describe_word(int(self._value["bits_"]))


class Spot:
    """SiteRecord: rule, turn, window."""

    def __init__(self, value):
        self._value = value

    def to_string(self):
        packed = int(self._value["rule_and_turn"])
        return (f"rule {packed >> 4}, {sites.TURNS.get(packed & 15, packed & 15)}, window "
                f"{int(self._value['window'])}")


def make():
    printer = gdb.printing.RegexpCollectionPrettyPrinter("fathom")
    printer.add_printer("address", "^fathom::(Virt|Phys)Addr$", Address)
    printer.add_printer("pages", "^fathom::PageCount$", Pages)
    printer.add_printer("thread id", "^fathom::ThreadId$", Id)
    printer.add_printer("result", "^fathom::Result<.*>$", Outcome)
    printer.add_printer("text", "^std::basic_string_view<char.*>$", Text)
    printer.add_printer("context word", "^fathom::ContextWord$", Word)
    printer.add_printer("site", "^fathom::SiteRecord$", Spot)
    return printer


gdb.printing.register_pretty_printer(None, make(), replace=True)
