"""Source lines and readable names, by the toolchain's addr2line and c++filt."""

import re
import shutil
import subprocess

# Where guards stand, not who uses them.
HIDDEN = re.compile(r"kernel/(context/(?!\w+\.cpp)|arch/\w+/native/|lib/)")
ROOT = re.compile(r"^.*?/(?=(?:kernel|tests|boot|tools)/)")


class Lines:
    """file:line of addresses of one image; each is looked up once."""

    def __init__(self, path: str, arch: str):
        self._commands = [[f"{arch}-linux-gnu-addr2line", "-a", "-i", "-e", path]]
        if shutil.which("llvm-addr2line"):  # understands more of what Clang writes
            self._commands.append(["llvm-addr2line", "-a", "-i", "-e", path])
        self._found: dict[int, list[str]] = {}

    def load(self, addresses) -> None:
        """Looks up many at once; again, by the next program, what has no user's line."""
        missing = sorted(set(addresses) - self._found.keys())
        for command in self._commands:
            for address, lines in self._ask(command, missing).items():
                if _worth(lines) > _worth(self._found.get(address, [])):
                    self._found[address] = lines
            missing = [a for a in missing if not _users(self._found.get(a, []))]

    @staticmethod
    def _ask(command: list[str], addresses: list[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        if not addresses:
            return found
        text = subprocess.run(command, input="\n".join(map(hex, addresses)), check=True,
                              capture_output=True, text=True).stdout
        current: list[str] = []
        for line in text.splitlines():
            if line.startswith("0x"):
                current = found.setdefault(int(line, 16), [])
            else:
                current.append(ROOT.sub("", line.split(" ")[0]))
        return found

    def of(self, address: int) -> str:
        """The innermost line that uses what stands there: not the guard's own."""
        self.load([address])
        lines = self._found.get(address, [])
        return (_users(lines) or lines[-1:] or ["?"])[0]


def _users(lines: list[str]) -> list[str]:
    """Those that are no guard's own."""
    return [line for line in lines if not HIDDEN.match(line) and not line.endswith("?")]


def _worth(lines: list[str]) -> tuple[bool, int]:
    """A user's line is best, then a long chain."""
    return bool(_users(lines)), sum(not line.endswith("?") for line in lines)


class Names:
    """Demangled names, each without its parameters where that is enough."""

    def __init__(self):
        self._found: dict[str, str] = {}

    def load(self, names) -> None:
        missing = sorted(n for n in set(names) - self._found.keys())
        if not missing:
            return
        text = subprocess.run(["c++filt", "-p"], input="\n".join(missing), check=True,
                              capture_output=True, text=True).stdout
        self._found.update(zip(missing, map(_shorten, text.splitlines())))

    def of(self, name: str) -> str:
        self.load([name])
        return self._found.get(name, name)


def _shorten(name: str) -> str:
    """Leaves out what readers of a table know: our namespace, the anonymous one."""
    for part in ("fathom::", "(anonymous namespace)::", "<unnamed>::"):
        name = name.replace(part, "")
    entry = re.match(r"detail::thread_entry<&?\(?(.*?)\)?\((?:.*)\), \(?ThreadKind\)?(\d)>", name)
    if entry:
        return f"thread entry {entry.group(1)}"
    return name
