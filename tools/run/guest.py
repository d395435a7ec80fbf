"""A running guest: QEMU as a child process, its serial line, its sockets, its end."""

import contextlib
import ctypes
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from read_log import LogReader

from . import machine, notes, one_cpu
from .options import UsageError

PR_SET_PDEATHSIG = 1
# A kernel that prints without end is stopped here.
LOG_LIMIT_BYTES = 64 << 20
# On a loaded host QEMU may be long in starting.
SOCKET_SECONDS = 30
LIBC = ctypes.CDLL(None)


def before_qemu(cpus):
    """Runs in the child, before it becomes QEMU on those CPUs of the host."""
    # Should this program be killed, the kernel of the host ends QEMU for us.
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.sched_setaffinity(0, cpus)


@dataclasses.dataclass
class GuestEnd:
    """How a guest ended."""

    code: int             # QEMU's exit code; negative: the signal that killed it
    status: int           # the kernel's own exit status, or None
    timed_out: bool
    stopped: bool         # ended by us, for another reason than time
    seconds: float
    first_line_seconds: float  # from launch to the first whole line on the serial line, or None
    errors: str           # QEMU's stderr


class Guest:
    """Boots on construction of the context manager, and is gone when it is left:

        with Guest(options) as guest:
            guest.wait_for("text")             # on the serial line
            guest.gdb_socket, guest.qmp_socket
            end = guest.wait()

    `on_bytes` is called with each chunk of the serial log, on another thread.
    """

    def __init__(self, options, on_bytes=None):
        self.options = options
        self.reader = LogReader()
        self.on_bytes = on_bytes
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fathom-run-"))
        self.gdb_socket = self.folder / "gdb.sock"
        self.qmp_socket = self.folder / "qmp.sock"
        self.lines = []
        self._news = threading.Condition()
        self._ended = False
        self._stopped = False
        self._errors = []
        self._process = None

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        self._join()
        notes.file_of(self.options.arch, self.pid).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self):
        command = machine.qemu_command(self.options, self.folder)
        self.options.log.parent.mkdir(parents=True, exist_ok=True)
        self._log = open(self.options.log, "wb")
        self._began = time.monotonic()
        self._first_line = None
        chosen = one_cpu.all_cpus if self.options.real_time else one_cpu.chosen
        try:
            with chosen() as (cpus, locks):
                # A session of its own keeps a terminal's Ctrl-C from it (GDB wants that key).
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE if self.options.mode == "monitor"
                    else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    start_new_session=True, pass_fds=locks,
                    preexec_fn=lambda: before_qemu(cpus))
        except FileNotFoundError as error:
            raise UsageError(f"{command[0]} is missing: make doctor says how to get it") from error
        self._threads = [threading.Thread(target=self._read_serial, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()
        self._await_gdb_socket()
        notes.write(self.options.arch, self.pid, self.gdb_socket, self.options.elf)

    def _await_gdb_socket(self):
        """QEMU opens it a moment after it was started, and GDB does not try twice."""
        deadline = time.monotonic() + SOCKET_SECONDS
        while (self.options.gdb is None and not self.gdb_socket.exists()
               and self._process.poll() is None and time.monotonic() < deadline):
            time.sleep(0.005)

    def type(self, keys):
        """Sends bytes down the serial line (mode "monitor" only); a guest that has ended hears
        nothing."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(keys)
            self._process.stdin.flush()

    @property
    def ended(self):
        """Whether the serial line has been closed: QEMU is gone or going."""
        return self._ended

    def ended_within(self, seconds):
        with self._news:
            return self._news.wait_for(lambda: self._ended, seconds)

    @property
    def pid(self):
        return self._process.pid

    def _read_serial(self):
        rest = b""
        total = 0
        while chunk := os.read(self._process.stdout.fileno(), 65536):
            self._log.write(chunk)
            self._log.flush()
            if self.on_bytes is not None:
                self.on_bytes(chunk)
            *complete, rest = (rest + chunk).split(b"\n")
            self._add_lines(complete)
            total += len(chunk)
            if total > LOG_LIMIT_BYTES:
                self._errors.append(f"the log grew over {LOG_LIMIT_BYTES} bytes\n")
                self.stop()
                break
        self._add_lines([rest] if rest else [])
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _add_lines(self, lines):
        with self._news:
            if lines and not self.lines:
                self._first_line = time.monotonic() - self._began
            for raw in lines:
                line = raw.decode("utf-8", errors="replace").rstrip("\r")
                self.lines.append(line)
                self.reader.feed(line)
            self._news.notify_all()

    def _read_errors(self):
        for line in self._process.stderr:
            text = line.decode("utf-8", errors="replace")
            if self._stopped and "terminating on signal" in text:
                continue  # that was us
            self._errors.append(text)
            if not self._is_expected(text):
                sys.stderr.write(f"qemu: {text}")
                sys.stderr.flush()

    def _is_expected(self, text):
        """Whether QEMU says of a machine that a debugger has stopped, or that we end, just that."""
        return (self.options.debug and "icount sleep disabled and no active timers" in text
                or self._stopped and "terminating on signal" in text)

    def wait_for(self, text, timeout=60.0):
        """Waits until a whole line of the log contains `text`; False if it does not come."""
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                for line in self.lines[seen:]:
                    if text in line:
                        return True
                seen = len(self.lines)
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    return False
                self._news.wait(left)

    def wait(self, on_timeout=None):
        """Waits for the end, at most the run's timeout; `on_timeout(guest)` may look before QEMU is
        ended. Returns a GuestEnd."""
        timed_out = False
        left = self._began + self.options.timeout - time.monotonic()
        try:
            self._process.wait(timeout=max(left, 0))
        except subprocess.TimeoutExpired:
            timed_out = True
            if on_timeout is not None:
                on_timeout(self)
            self.stop()
        stopped = self._stopped and not timed_out
        self._join()
        code = self._process.returncode
        return GuestEnd(code, machine.guest_status(self.options, code), timed_out, stopped,
                        time.monotonic() - self._began, self._first_line,
                        "".join(self._errors))

    def stop(self):
        """Ends QEMU, by its pid, if it still runs."""
        if self._process is None or self._process.poll() is not None:
            return
        self._stopped = True
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _join(self):
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self._log.close()
