"""A section is left on every way: no loop goes round for ever in one.

One part of a function's analysis (function.py). What was walked is a graph: of the places where
ways meet, each with what is off there. From each of them a way must lead on to where the function
ends, or where all is on. A loop that waits for another CPU has such a way; `for (;;)` has none. One
that stops the CPU on purpose is known by its fact (facts.py), and an end. A function that jumps or
calls round in circles, by itself or through others, has no end, nor has the call of one.
"""

from .state import State


class Endless:
    """The part that knows how ways are connected."""

    def __init__(self):
        self.node: tuple = (0, None)  # where the way that is walked has begun
        self.came_from: dict[tuple, set[tuple]] = {}
        self.left: set[tuple] = set()  # from there a way leads out of the function or the section
        self.arrived = False           # the last thing that the way did: it went on elsewhere

    def connect(self, address: int, key: tuple) -> None:
        self.arrived = True
        self.came_from.setdefault((address, key), set()).add(self.node)

    def begin(self, address: int, key: tuple, state: State) -> None:
        """A straight way begins."""
        self.node, self.arrived = (address, key), False
        if state.preemptible:
            self.left.add(self.node)

    def end(self) -> None:
        """It has ended. Where it has not gone on elsewhere it has left."""
        if not self.arrived:
            self.left.add(self.node)

    def _check_ends(self) -> None:
        self.summary.ends = bool(self.left)
        reached, waiting = set(self.left), list(self.left)
        while waiting:
            for node in self.came_from.get(waiting.pop(), ()):
                if node not in reached:
                    reached.add(node)
                    waiting.append(node)
        caught = [address for address, key in self.came_from if (address, key) not in reached]
        if caught:
            self.wrong(max(caught), "endless", "a loop that nothing leaves, with interrupts or "
                       "preemption off")
