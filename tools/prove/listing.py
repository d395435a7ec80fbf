"""A kernel's instructions, listed function by function when they are asked for.

Where most of a kernel is as the cache knows it (cache.py), most of it need not be listed: listing
is what takes the time of a proof. If more than a few functions are wanted, all are listed at once.
"""

from collections.abc import Callable, Iterable

from .disassembly import disassemble, Instruction, Listing
from .image import Function, Image

MOST = 40  # functions: so many lists of one take as long as one list of everything
NEAR = 4096  # bytes: faster listed than left out


class Code(dict):
    """Instructions by address, like what disassemble() returns."""

    def __init__(self, image: Image, listing: Listing | None = None):
        super().__init__()
        self.image = image
        self.told: Callable[[Iterable[Instruction]], None] = lambda _: None  # of what is listed
        self._listing = listing  # of everything, if it has been begun
        self._listed: set[int] = set()  # starts of functions
        self._whole = False

    def get(self, address: int, default=None):
        if not self._whole and address not in self and self.image.in_text(address):
            function = self.image.function_at(address)
            if function is None:
                self.list_all()
            else:
                self.want([function])
        return super().get(address, default)

    def __getitem__(self, address: int) -> Instruction:
        self.get(address)
        return super().__getitem__(address)

    def want(self, functions: Iterable[Function]) -> None:
        """Lists these functions, unless they are listed."""
        new = [f for f in functions if f.start not in self._listed]
        if self._whole or not new:
            return
        if len(self._listed) + len(new) > MOST:
            self.list_all()
            return
        for begin, end in _neighbours(new):
            self._listed.update(f.start for f in self.image.functions if begin <= f.start < end)
            found = disassemble(self.image.path, self.image.arch, part=(begin, end))
            self.update(found)
            self.told(found.values())

    def list_all(self) -> None:
        """Lists everything."""
        if not self._whole:
            self._whole = True
            listing = self._listing or Listing(self.image.path, self.image.arch)
            self.update(listing.instructions())
            self.told(self.values())


def _neighbours(functions: list[Function]):
    """Functions that lie near each other, as ranges."""
    begin = end = None
    for function in sorted(functions, key=lambda f: f.start):
        if begin is not None and function.start <= end + NEAR:
            end = max(end, function.end)
            continue
        if begin is not None:
            yield begin, end
        begin, end = function.start, function.end
    if begin is not None:
        yield begin, end
