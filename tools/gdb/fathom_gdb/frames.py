"""`fathom frame`: a trap frame in memory, decoded."""

import gdb

from . import kernel, threads

PENDING_BIT = {True: 31, False: 32}  # is_x86 -> kCalmBit of native/stack_probe.hpp


def describe_word(word):
    """The context word (context/context_word.hpp) in words."""
    calm = word >> PENDING_BIT[kernel.is_x86()] & 1
    return (f"preemption depth {word & 0xffff}, interrupt depth {word >> 16 & 0x7fff}, "
            f"{'no ' if calm else ''}reschedule pending")


def registers_of(frame):
    """[(name, value)] of a fathom::arch::TrapFrame."""
    found = []
    for field in frame.type.fields():
        value = frame[field.name]
        if field.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY:
            low, high = field.type.strip_typedefs().range()
            found += [(f"{field.name}{i}", int(value[i])) for i in range(low, high + 1)]
        else:
            found.append((field.name, int(value.cast(gdb.lookup_type("unsigned long")))))
    return found


class Frame(kernel.Command):
    """Decodes the trap frame at an address: registers and backtrace.

    fathom frame ADDRESS      an address or any expression, such as &frame"""

    name = "frame"

    def run(self, words):
        if len(words) != 1:
            raise gdb.GdbError("usage: fathom frame ADDRESS")
        pointer = gdb.lookup_type("fathom::arch::TrapFrame").pointer()
        frame = gdb.Value(kernel.number(words[0])).cast(pointer).dereference()
        for index, (name, value) in enumerate(registers_of(frame)):
            gdb.write(f"  {name:<12} {value & kernel.MAX_64:016x}"
                      + ("\n" if index % 2 else ""))
        gdb.write("\n")
        kernel.say(f"context: {describe_word(int(frame['context_word']))}")
        self._print_backtrace(frame)

    @staticmethod
    def _print_backtrace(frame):
        x86 = kernel.is_x86()
        pc = int(frame["rip"] if x86 else frame["pc"])
        frame_pointer = int(frame["rbp"] if x86 else frame["x"][29])
        for depth, address in enumerate(threads.walk(pc, frame_pointer)):
            code = address if depth == 0 else address - 1
            kernel.say(f"  #{depth:<3} {kernel.describe_code(code)}")


Frame()
