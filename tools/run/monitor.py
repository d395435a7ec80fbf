"""The kernel's monitor in this terminal: keys go down the serial line, what it says comes up."""

import contextlib
import os
import select
import sys
import termios
import threading
import time

from .guest import Guest

PROMPT = "fathom> "
LEAVE = b"\x1d"  # Ctrl-]
END_OF_INPUT = b"\x04"


class Screen:
    """What the serial line has shown, for who waits for a text that may be no whole line."""

    def __init__(self, show=None):
        self.text = ""
        self._show = show
        self._news = threading.Condition()

    def feed(self, chunk):
        if self._show is not None:
            self._show(chunk)
        with self._news:
            self.text += chunk.decode("utf-8", errors="replace")
            self._news.notify_all()

    def wait_for(self, wanted, begin, timeout):
        """Where `wanted` ends, looked for from `begin` on; None if it does not come in time."""
        with self._news:
            self._news.wait_for(lambda: wanted in self.text[begin:], timeout)
            place = self.text.find(wanted, begin)
            return None if place < 0 else place + len(wanted)


@contextlib.contextmanager
def each_key(terminal):
    """Gives each key to us as it is pressed, Ctrl-C included; output is translated as ever."""
    before = termios.tcgetattr(terminal)
    keys = termios.tcgetattr(terminal)
    keys[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    keys[0] &= ~termios.ICRNL
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, keys)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def pass_keys(guest, terminal):
    """Until the guest ends or Ctrl-] is pressed. Whether it was left, and has not ended."""
    while not guest.ended:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            keys = os.read(terminal, 1024)
            if LEAVE in keys or not keys:
                return True
            guest.type(keys)
    return False


def pass_lines(guest, screen, lines, timeout):
    """Each line once the prompt for it is there, then the end of the input."""
    begin = 0
    for line in [*(line.rstrip("\n").encode() + b"\r" for line in lines), END_OF_INPUT]:
        deadline = time.monotonic() + timeout
        place = None
        while place is None and not guest.ended and time.monotonic() < deadline:
            place = screen.wait_for(PROMPT, begin, 0.2)
        if place is None:
            return
        begin = place
        guest.type(line)


def run(options, show):
    """Boots and hands the serial line to standard input: a terminal's keys, or a file's lines.
    Returns how the guest ended, or None if it was left before, and the guest."""
    screen = Screen(show)
    left = False
    with Guest(options, screen.feed) as guest:
        if sys.stdin.isatty():
            print("Ctrl-] leaves the monitor and ends QEMU", flush=True)
            with each_key(sys.stdin.fileno()):
                left = pass_keys(guest, sys.stdin.fileno())
        else:
            pass_lines(guest, screen, sys.stdin, options.timeout)
        left = left or not guest.ended_within(5)
        if left:
            guest.stop()
        return (None if left else guest.wait()), guest
