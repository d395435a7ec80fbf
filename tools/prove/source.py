"""Source lines and readable names, by the toolchain's addr2line and c++filt."""

import re
import subprocess

# Where guards stand, not who uses them.
HIDDEN = re.compile(r"kernel/(context|arch/\w+/native|lib)/")
ROOT = re.compile(r"^.*?/(?=(?:kernel|tests|boot|tools)/)")


class Lines:
    """file:line of addresses of one image; each is looked up once."""

    def __init__(self, path: str, arch: str):
        self._command = [f"{arch}-linux-gnu-addr2line", "-a", "-i", "-e", path]
        self._found: dict[int, list[str]] = {}

    def load(self, addresses) -> None:
        """Looks up many at once."""
        missing = sorted(set(addresses) - self._found.keys())
        if not missing:
            return
        text = subprocess.run(self._command, input="\n".join(map(hex, missing)), check=True,
                              capture_output=True, text=True).stdout
        current = None
        for line in text.splitlines():
            if line.startswith("0x"):
                current = self._found.setdefault(int(line, 16), [])
            elif current is not None:
                current.append(ROOT.sub("", line.split(" ")[0]))

    def of(self, address: int) -> str:
        """The innermost line that uses what stands there: not the guard's own."""
        self.load([address])
        lines = self._found.get(address, [])
        outside = [line for line in lines if not HIDDEN.match(line)]
        return outside[0] if outside else (lines or ["?"])[-1]


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
