"""A small QMP client: what tests ask QEMU's monitor."""

import json
import socket


class Qmp:
    """A connection to a running QEMU's monitor. Used as a context manager."""

    def __init__(self, path, timeout=30.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("r", encoding="utf-8")
        json.loads(self.stream.readline())  # the greeting
        self.execute("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def execute(self, command, **arguments):
        """Runs one command and returns its answer; RuntimeError with QEMU's words if it fails."""
        request = {"execute": command, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self.stream.readline()
            if not line:
                raise RuntimeError(f"{command}: QEMU closed the connection")
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def monitor(self, line):
        """The text that QEMU's human monitor prints for `line`, as `info tlb`."""
        return self.execute("human-monitor-command", **{"command-line": line})
