"""What people and other tools read: findings with their call chains, the table of sites, JSON."""

import json

from .records import TURNS, TURNS_OFF
from .rules import Proof, SiteResult
from .source import Lines, Names
from .state import NEVER

LONGEST_CHAIN = 40


class Report:
    """A proof with source lines and names."""

    def __init__(self, proof: Proof, lines: Lines):
        self.proof = proof
        self.program = proof.program
        self.image = proof.program.image
        self.lines = lines
        self.names = Names()
        self.names.load(f.name for f in self.image.functions)
        self._callers = None

    # ---- names and places

    def name(self, address: int) -> str:
        function = self.image.function_at(address)
        return self.names.of(function.name) if function is not None else f"{address:#x}"

    def place(self, address: int) -> str:
        return self.lines.of(address)

    # ---- chains

    def way_to(self, key: tuple) -> list[tuple[int, tuple]]:
        """How an entry gets to a function in a context: (calling address, callee's key)."""
        if self._callers is None:
            self._callers = _nearest_callers(self.program)
        chain = []
        while key in self._callers and len(chain) < LONGEST_CHAIN:
            caller, address = self._callers[key]
            chain.append((address, key))
            if caller is None:
                break
            key = caller
        return chain[::-1]

    def way_down(self, deepest: tuple) -> list[tuple[int, str, int]]:
        """From a section's deepest call down: (address, function called, its own depth)."""
        chain, seen = [], set()
        address, key = deepest
        while address:
            name = self.name(key[0]) if key is not None else ""
            depth = self.program.summaries[key].depth if key is not None else 0
            chain.append((address, name, depth))
            if key is None or key in seen:
                break
            seen.add(key)
            address, key = self.program.summaries[key].deepest
        return chain

    # ---- text

    def findings(self) -> list[str]:
        """What is wrong, worst first, each with the way there."""
        shown = []
        addresses = [f.address for f, _ in self.proof.findings]
        ways = {}
        for finding, key in self.proof.findings:
            way = self.way_to(key) if key is not None else []
            site = self.proof.sites.get(finding.address)
            down = self.way_down(site.deepest) if finding.kind == "too-deep" and site else []
            ways[finding] = way, down
            addresses += [a for a, _ in way] + [a for a, _, _ in down]
        self.lines.load(a for a in addresses if a)
        for finding, key in self.proof.findings:
            way, down = ways[finding]
            where = f"{self.place(finding.address)}: " if finding.address else ""
            context = f" [{key[1]}]" if key is not None else ""
            shown.append(f"{where}{finding.kind}: {finding.text}{context}")
            shown.append(f"    in {self.name(finding.address)} ({finding.address:#x})")
            for address, callee in way:
                came = self.place(address) if address else "entry"
                shown.append(f"    reached by {came}: {self.name(callee[0])}")
            for address, name, depth in down:
                called = f"calls {name}, {_bytes(depth)} deep" if name else "goes deepest here"
                shown.append(f"    down: {self.place(address)}: {called}")
        return shown

    def suggestions(self) -> list[str]:
        self.lines.load(f.address for f in self.proof.suggestions)
        return [f"{self.place(f.address)}: {f.kind}: {f.text} [{self.name(f.address)}]"
                for f in self.proof.suggestions]

    def rows(self, hits: dict[int, int] | None = None) -> list[dict]:
        """The sites that turn something off, one a row."""
        sites = [s for s in self.proof.sites.values() if s.site.turn in TURNS_OFF]
        self.lines.load(s.site.pc for s in sites)
        rows = []
        for result in sites:
            row = self.row(result)
            if hits is not None:
                row["hits"] = hits.get(result.site.pc, 0)
            rows.append(row)
        return sorted(rows, key=lambda r: (r["source"].split(":")[0], _line(r["source"]),
                                           r["function"], r["pc"]))

    def row(self, result: SiteResult) -> dict:
        site = result.site
        return {"pc": site.pc, "rule": site.rule, "turn": TURNS[site.turn],
                "source": self.place(site.pc), "function": self.name(site.pc),
                "contexts": [str(c) for c in sorted(result.contexts)], "window": site.window,
                "depth": result.depth, "gap": result.gap if result.depth is not None else None,
                "needs_no_window": result.needs_no_window}

    def table(self, hits: dict[int, int] | None = None) -> list[str]:
        """The table that `make sites` prints."""
        lines = [f"{'rule':>4} {'turn':<11} {'window':>6} {'depth':>6} {'gap':>5}"
                 f"{'   hits' if hits is not None else ''}  contexts / source / function"]
        for row in self.rows(hits):
            count = f"{row['hits']:>7}" if hits is not None else ""
            lines.append(f"{row['rule']:>4} {row['turn']:<11} {row['window']:>6} "
                         f"{_bytes(row['depth']):>6} {_bytes(row['gap']):>5}{count}  "
                         f"{', '.join(short(c) for c in row['contexts']) or 'never reached'}")
            lines.append(f"{'':>37}  {row['source']}  {row['function']}")
        return lines

    def summary(self) -> str:
        sites = [s for s in self.proof.sites.values() if s.site.turn in TURNS_OFF]
        opened = [s for s in sites if s.depth is not None]
        rule5 = sum(s.site.rule == 5 for s in sites)
        deepest = max((s.depth for s in opened), default=0)
        return (f"{len(sites)} sites ({rule5} by rule 5), {len(opened)} of them open sections on "
                f"lazy stacks, at most {_bytes(deepest)} bytes deep; {len(self.program.summaries)} "
                f"functions in context; {len(self.proof.findings)} findings")

    def data(self) -> dict:
        """Everything, for other tools."""
        return {"arch": self.image.arch, "sites": self.rows(),
                "findings": [{"kind": f.kind, "text": f.text, "address": f.address,
                              "source": self.place(f.address), "function": self.name(f.address),
                              "context": str(k[1]) if k is not None else None,
                              "way": [[a, self.name(c[0])] for a, c in
                                      (self.way_to(k) if k is not None else [])]}
                             for f, k in self.proof.findings],
                "suggestions": [{"kind": f.kind, "text": f.text, "address": f.address,
                                 "source": self.place(f.address)} for f in self.proof.suggestions],
                "never_reached": sorted(self.names.of(n) for n in self.proof.unreached),
                "outside_of_the_proof": [self.names.of(n) for n in self.proof.outside]}

    def write_json(self, path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.data(), file, indent=1, sort_keys=True)
            file.write("\n")


def short(context: str) -> str:
    """A context in a table."""
    return context.replace(" stack", "").replace(", ", "/").replace(" ", "-")


def _bytes(count: int | None) -> str:
    if count is None:
        return "-"
    return "unbounded" if count >= NEVER // 2 else str(count)


def _line(source: str) -> int:
    number = source.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def _nearest_callers(program) -> dict:
    """For each function in context the caller that is nearest to an entry."""
    roots = [key for key in program.roots() if key in program.summaries]
    found = {key: (None, 0) for key in roots}
    queue = list(roots)
    for key in queue:
        for address, callee in sorted(program.summaries[key].calls,
                                      key=lambda c: (c[0], c[1][0], str(c[1][1]))):
            if callee not in found and callee in program.summaries:
                found[callee] = (key, address)
                queue.append(callee)
    return found


