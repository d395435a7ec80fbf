"""`fathom apply`: a GDB command in the place of one thread after the other, parked ones too."""

import contextlib

import gdb

from . import frames, kernel, threads

# What a resume record may hold and a CPU has, by GDB's names. What the record of a voluntary switch
# leaves out means nothing to the thread's code either.
REGISTERS = {
    True: ["rip", "rsp", "rbp", "rbx", "r12", "r13", "r14", "r15", "rax", "rcx", "rdx", "rsi",
           "rdi", "r8", "r9", "r10", "r11"],
    False: ["pc", "sp"] + [f"x{number}" for number in range(31)],
}


def write(registers):
    """Sets registers of the selected CPU, all that can be set. Raises the last error."""
    failed = None
    for name, value in registers.items():
        # What was set before may have made GDB select an outer frame, whose registers it would
        # change instead: those that are saved on the stack, and sp.
        gdb.newest_frame().select()
        try:
            gdb.execute(f"set ${name} = {value:#x}", to_string=True)
        except gdb.error as error:
            failed = error
    if failed is not None:
        raise failed


@contextlib.contextmanager
def in_place_of(thread):
    """The selected CPU looks as if it ran the parked thread; afterwards as before."""
    names = REGISTERS[kernel.is_x86()]
    cpu = gdb.selected_thread()
    gdb.newest_frame().select()
    before = {name: kernel.register(name) for name in names}
    parked = dict(frames.registers_of(thread.frame))
    parked["pc"] = thread.parked_registers()[0]
    try:
        write({name: parked[name] & kernel.MAX_64 for name in names if name in parked})
        gdb.newest_frame().select()
        yield
    finally:
        cpu.switch()  # the command may have been to look at another
        write(before)


class Apply(kernel.Command):
    """Runs a GDB command in the place of threads, parked ones too.

    fathom apply ID COMMAND       for one thread, as in: fathom apply 7 bt
    fathom apply all COMMAND      for every thread, as in: fathom apply all info frame

For a parked thread the registers of the selected CPU are its own while the command runs, so that
bt, frame, up, info locals and print mean what they mean anywhere. Let nothing run meanwhile: no
continue, no step."""

    name = "apply"

    def run(self, words):
        if len(words) < 2:
            raise gdb.GdbError("usage: fathom apply ID|all COMMAND")
        command = " ".join(words[1:])
        on_cpu = threads.running()
        chosen = (list(threads.every()) if words[0] == "all"
                  else [threads.by_id(kernel.number(words[0]))])
        before = gdb.selected_thread()
        for thread in chosen:
            kernel.say(f"thread {thread.id} \"{thread.name}\":")
            cpu = on_cpu.get(thread.address)
            try:
                self._run(thread, cpu, command)
            except gdb.error as error:
                kernel.say(f"  {error}")
            before.switch()

    @staticmethod
    def _run(thread, cpu, command):
        if cpu is not None:
            cpu.switch()
            gdb.execute(command)
            return
        with in_place_of(thread):
            gdb.execute(command)


Apply()
