"""A CPU of the host for a guest with counted instructions, so that its runs repeat.

QEMU's main thread moves the virtual clock when it sees that all CPUs of the guest wait. A CPU that
it sees just as its instruction to wait is done, while what it ran before is not counted yet, makes
the clock run ahead by that much: no two runs are then the same. Both threads of QEMU on one CPU
take turns, and turns nearly always end where a thread waits.
"""

import contextlib
import fcntl
import os
import pathlib
import tempfile


@contextlib.contextmanager
def chosen():
    """(a set of one CPU, the file descriptors to pass to QEMU): one that no other guest has, if
    there is one. QEMU holds it as long as it lives."""
    cpus = sorted(os.sched_getaffinity(0))
    for cpu in cpus:
        with open(lock_file(cpu), "a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield {cpu}, [lock.fileno()]
            return
    yield {cpus[os.getpid() % len(cpus)]}, []


@contextlib.contextmanager
def all_cpus():
    """The same for a guest in real time, whose CPUs are threads side by side."""
    yield os.sched_getaffinity(0), []


def lock_file(cpu):
    """One for each user, as another's could not be opened."""
    return pathlib.Path(tempfile.gettempdir()) / f"fathom-{os.getuid()}-cpu{cpu}.lock"
