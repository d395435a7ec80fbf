"""`fathom threads`, and the Thread class that other commands use."""

import gdb

from . import kernel

PREFAULT_PAGES = 1  # mm/stack_geometry.hpp, kPrefaultBytes
SLOTS_IN_CHUNK = 512
LONGEST_BACKTRACE = 24
THREAD_FUNCTION = "fathom::grow_thread_table(fathom::Preemptible)"


class Thread:
    """A control block in the kernel's memory (sched/thread.hpp)."""

    def __init__(self, value):
        self.value = value
        self.address = int(value.address)

    @property
    def id(self):
        return int(self.value["thread_id"])

    @property
    def name(self):
        raw = bytes(int(self.value["name_text"][index]) & 0xFF
                    for index in range(self.value["name_text"].type.range()[1] + 1))
        return raw.split(b"\0")[0].decode(errors="replace")

    @property
    def state(self):
        return str(self.value["state"]).rsplit("::", maxsplit=1)[-1]

    @property
    def is_application(self):
        return int(self.value["lazy_stack"]) != 0

    @property
    def stack_top(self):
        return int(self.value["stack_top"]["value"])

    @property
    def stack_pages(self):
        return int(self.value["stack_pages"])

    @property
    def frame(self):
        """The resume record: meaningful while the thread is not on a CPU."""
        return self.value["resume"]["frame"]

    def parked_registers(self):
        """(pc, sp, frame pointer) where a parked thread goes on."""
        frame = self.frame
        if kernel.is_x86():
            return int(frame["rip"]), int(frame["rsp"]), int(frame["rbp"])
        called = str(frame["kind"]).endswith("called")
        pc = int(frame["x"][30]) if called else int(frame["pc"])
        return pc, int(frame["sp"]), int(frame["x"][29])

    @property
    def stack_lowest(self):
        """The lowest page: below the usable ones lies one that only prefaults touch."""
        return self.stack_top - (self.stack_pages + PREFAULT_PAGES) * kernel.PAGE

    def holds(self, address):
        """Whether `address` lies in the stack, its guard not included."""
        return self.stack_lowest <= address < self.stack_top


def current_of_selected_cpu():
    """The address of the running thread of the CPU that GDB has selected; 0 before there is one."""
    if not kernel.is_x86():
        return kernel.register("TPIDR_EL1")
    base = kernel.register("gs_base")
    return kernel.read_words(base + 8, 1)[0] if base != 0 else 0


def running():
    """{control block address: GDB thread} of what runs now."""
    before = gdb.selected_thread()
    found = {}
    for cpu in gdb.selected_inferior().threads():
        cpu.switch()
        try:
            found[current_of_selected_cpu()] = cpu
        except (gdb.error, gdb.MemoryError):
            continue  # a CPU that has not started
    if before is not None:
        before.switch()
    found.pop(0, None)
    return found


def at(address):
    """The Thread whose control block is at `address`."""
    pointer = gdb.lookup_type("fathom::Thread").pointer()
    return Thread(gdb.Value(address).cast(pointer).dereference())


def in_table():
    """Every thread of the thread table, by slot."""
    chunks = kernel.file_static(THREAD_FUNCTION, "chunks")
    for index in range(int(kernel.file_static(THREAD_FUNCTION, "chunk_count"))):
        for word in kernel.read_words(int(chunks[index]), SLOTS_IN_CHUNK):
            if word & 1 == 0 and word != 0:
                yield at(word)


def every():
    """All threads: those of the table, then those that only a CPU knows (idle, boot)."""
    known = set()
    for thread in in_table():
        known.add(thread.address)
        yield thread
    for address in running():
        if address not in known:
            yield at(address)


def by_id(thread_id):
    """The thread with that id; a GdbError where there is none."""
    for thread in every():
        if thread.id == thread_id:
            return thread
    raise gdb.GdbError(f"no thread has the id {thread_id}: see fathom threads")


def walk(pc, frame_pointer):
    """The return addresses from a place in the code, innermost first, by saved frame pointers."""
    yield pc
    for _ in range(LONGEST_BACKTRACE):
        if frame_pointer == 0 or frame_pointer % 8 != 0:
            return
        try:
            outer, return_address = kernel.read_words(frame_pointer, 2)
        except gdb.MemoryError:
            return
        if not kernel.in_text(return_address):
            return
        yield return_address
        if outer <= frame_pointer:
            return
        frame_pointer = outer


def print_parked(thread):
    pc, _, frame_pointer = thread.parked_registers()
    for depth, address in enumerate(walk(pc, frame_pointer)):
        code = address if depth == 0 else address - 1
        kernel.say(f"  #{depth:<3} {kernel.describe_code(code)}")


def print_running(cpu):
    cpu.switch()
    text = gdb.execute(f"bt {LONGEST_BACKTRACE}", to_string=True)
    kernel.say("\n".join(f"  {line}" for line in text.splitlines()))


class Threads(kernel.Command):
    """Lists the kernel's threads with their backtraces.

    fathom threads              every thread
    fathom threads -brief       without backtraces
    fathom threads ID...        only these

For a running thread the backtrace is that of its CPU, which may be in a handler. For a parked one
it starts where the thread will go on."""

    name = "threads"

    def run(self, words):
        brief = "-brief" in words
        wanted = {kernel.number(word) for word in words if word != "-brief"}
        for thread_id in wanted:
            by_id(thread_id)
        before = gdb.selected_thread()
        on_cpu = running()
        shown = 0
        for thread in every():
            if wanted and thread.id not in wanted:
                continue
            shown += 1
            self._print(thread, on_cpu.get(thread.address), brief)
        if before is not None:
            before.switch()
        kernel.say(f"{shown} threads")

    @staticmethod
    def _print(thread, cpu, brief):
        kind = "application" if thread.is_application else "kernel"
        where = f"on {cpu.name or cpu.num}" if cpu is not None else "parked"
        kernel.say(f"thread {thread.id} \"{thread.name}\" {kind}, {thread.state}, {where}")
        if brief:
            return
        if cpu is not None:
            print_running(cpu)
        else:
            print_parked(thread)


Threads()
