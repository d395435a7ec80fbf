"""What is remembered of a proof from one link to the next.

The cache holds the analyses of the last proof (memo.py) with addresses by name, and of each
function its fingerprint and the branches that leave it (fingerprint.py, branches.py). An analysis
is taken over if every function that it walked through has the fingerprint that it had; a function
whose own print is the same need not even be listed. Another prover, or other ground rules, and the
cache is empty.
"""

import dataclasses
import hashlib
import os
import pathlib
import pickle

from .disassembly import version
from .fingerprint import fingerprints, own_prints, Places
from .memo import Trace
from .summary import Finding, SiteNote, Summary


class Unknown(Exception):
    """An address that is in no function, or a function that is gone."""


class Cache:
    """A cache file and a program that is about to be proved with it."""

    def __init__(self, path: str, program):
        self.path = path
        self.program = program
        self._places = Places(program.image)
        self._ground = _ground(program)
        self._data = self._read()

    def _read(self) -> dict | None:
        try:
            data = pickle.loads(pathlib.Path(self.path).read_bytes())
            return data if data["ground"] == self._ground else None
        except (OSError, EOFError, KeyError, TypeError, pickle.UnpicklingError, AttributeError,
                ImportError, IndexError):  # or another prover's, with names that are gone
            return None

    def load(self) -> None:
        """Tells the program what of the cache holds for it."""
        if self._data is None:
            return
        start_of, own = self._places.start_of, own_prints(self.program)
        self.program.remembered = {
            start_of[name]: leaves for name, (print_, leaves) in self._data["leaving"].items()
            if name in start_of and own[start_of[name]] == print_}
        now = fingerprints(self.program)
        same = {name for name, print_ in self._data["fingerprints"].items()
                if print_ == now.get(start_of.get(name))}
        for stored in self._data["traces"]:
            key, asks, summary, functions = stored
            if not functions <= same:
                continue
            try:
                trace = Trace([_question(self._address, *ask) for ask in asks],
                              _summary(self._address, summary), stored)
                self.program.memo.traces.setdefault(_key(self._address, key), []).append(trace)
            except Unknown:
                continue

    def save(self) -> None:
        """Writes down the analyses that made up this proof, unless they are what was read."""
        memo, branches, name_at = self.program.memo, self.program.branches, self._places.name_at
        prints = {name_at[start]: found for start, found in fingerprints(self.program).items()}
        if self._data is not None and not memo.misses and prints == self._data["fingerprints"]:
            return
        traces = []
        for key, of_key in memo.used.items():
            for trace in of_key:
                if trace.summary.findings or trace.summary.strays:
                    continue  # sentences may name addresses; strange code has no fingerprint
                try:
                    traces.append(trace.stored or _by_name(self._places, key, trace))
                except Unknown:
                    continue
        leaving = {name_at[start]: (own, branches.leaving.get(start, []))
                   for start, own in own_prints(self.program).items()
                   if start not in branches.strange}
        data = {"ground": self._ground, "fingerprints": prints, "leaving": leaving,
                "traces": traces}
        temporary = f"{self.path}.{os.getpid()}"
        with open(temporary, "wb") as file:
            pickle.dump(data, file, pickle.HIGHEST_PROTOCOL)
        os.replace(temporary, self.path)

    def _address(self, symbolic: tuple) -> int:
        name, offset = symbolic
        if name not in self._places.start_of:
            raise Unknown
        return self._places.start_of[name] + offset


def _by_name(places: Places, key: tuple, trace: Trace) -> tuple:
    """What is stored of an analysis."""
    def symbolic(address: int) -> tuple:
        found = places.symbolic(address)
        if found is None:
            raise Unknown
        return found

    return (_key(symbolic, key), [_question(symbolic, *ask) for ask in trace.asks],
            _summary(symbolic, trace.summary),
            frozenset(places.name_at[f] for f in trace.summary.functions))


def _ground(program) -> tuple:
    """All that an analysis depends on besides functions and answers."""
    prover = hashlib.sha1()
    for source in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        prover.update(source.read_bytes())
    return (program.image.arch, program.records.lazy_stacks, prover.hexdigest(),
            version(program.image.arch), Places(program.image).symbolic(program.panic_entry))


# ---- the same thing with other addresses; `place` turns one into the other

def _key(place, key):
    return None if key is None else (place(key[0]), key[1])


def _question(place, question: tuple, answer) -> tuple:
    kind = question[0]
    if kind == "call":
        return (kind, place(question[1]), question[2]), answer
    if kind == "register":
        return (kind, question[1], place(question[2])), answer
    return question, tuple(map(place, answer))


def _summary(place, summary: Summary) -> Summary:
    return dataclasses.replace(
        summary, deepest=_deepest(place, summary.deepest),
        calls=_calls(place, summary.calls),
        sites={place(pc): _note(place, n) for pc, n in summary.sites.items()},
        findings={Finding(place(f.address), f.kind, f.text, f.weight) for f in summary.findings},
        registers={(group, place(function)) for group, function in summary.registers},
        functions=set(map(place, summary.functions)))


def _deepest(place, deepest: tuple) -> tuple:
    address, key = deepest
    return (place(address) if address else 0, _key(place, key))


def _calls(place, calls: set) -> set:
    return {(place(at), _key(place, key)) for at, key in calls}


def _note(place, note: SiteNote) -> SiteNote:
    return dataclasses.replace(note, deepest=_deepest(place, note.deepest),
                               calls=_calls(place, note.calls))
