"""What is remembered of a proof from one link to the next.

The cache holds the analyses of the last proof (memo.py) with addresses by name, and the
fingerprint of each function (fingerprint.py). An analysis is taken over if every function that it
walked through has the fingerprint that it had. Another prover, or other ground rules, and the cache
is empty.
"""

import dataclasses
import hashlib
import os
import pathlib
import pickle

from .fingerprint import Places, fingerprints
from .memo import Memo, Trace
from .summary import Finding, SiteNote, Summary


class Unknown(Exception):
    """An address that is in no function, or a function that is gone."""


def load(path: str, program) -> Memo:
    """What of the cache holds for this image."""
    memo = Memo()
    try:
        data = pickle.loads(pathlib.Path(path).read_bytes())
        if data["ground"] != _ground(program):
            return memo
    except (OSError, EOFError, KeyError, TypeError, pickle.UnpicklingError, AttributeError,
            ImportError, IndexError):  # or another prover's, with names that are gone
        return memo
    places, now = Places(program.image), fingerprints(program)
    same = {name for name, print_ in data["fingerprints"].items()
            if print_ == now.get(places.start_of.get(name))}

    def address(symbolic: tuple) -> int:
        name, offset = symbolic
        if name not in places.start_of:
            raise Unknown
        return places.start_of[name] + offset

    for stored in data["traces"]:
        key, asks, summary, functions = stored
        if not functions <= same:
            continue
        try:
            trace = Trace([_question(address, *ask) for ask in asks], _summary(address, summary),
                          stored)
            memo.traces.setdefault(_key(address, key), []).append(trace)
        except Unknown:
            continue
    return memo


def save(path: str, program) -> None:
    """Writes down the analyses that made up this proof."""
    places = Places(program.image)
    traces = []
    for key, of_key in program.memo.used.items():
        for trace in of_key:
            if trace.summary.findings:
                continue  # its sentences may name addresses
            try:
                traces.append(trace.stored or _by_name(places, key, trace))
            except Unknown:
                continue
    prints = {places.name_at[start]: found for start, found in fingerprints(program).items()}
    data = {"ground": _ground(program), "fingerprints": prints, "traces": traces}
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "wb") as file:
        pickle.dump(data, file, pickle.HIGHEST_PROTOCOL)
    os.replace(temporary, path)


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
    return program.image.arch, program.records.lazy_stacks, prover.hexdigest()


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
        calls={(place(at), _key(place, key)) for at, key in summary.calls},
        sites={place(pc): _note(place, n) for pc, n in summary.sites.items()},
        findings={Finding(place(f.address), f.kind, f.text, f.weight) for f in summary.findings},
        registers={(group, place(function)) for group, function in summary.registers},
        functions=set(map(place, summary.functions)))


def _deepest(place, deepest: tuple) -> tuple:
    address, key = deepest
    return (place(address) if address else 0, _key(place, key))


def _note(place, note: SiteNote) -> SiteNote:
    return dataclasses.replace(note, deepest=_deepest(place, note.deepest))
