"""What must hold of the whole kernel, once every function in every context is summarised."""

import dataclasses

from . import switch_check

from .program import ENTRIES, Program, VECTORS
from .records import API_BOUNDARY, IRQS_OFF, PREEMPT_OFF, Site, StackKind, TRAP_ENTRY, TURNS_OFF
from .summary import ARRIVING, Context, Finding, PREEMPTIBLE

WINDOWS = (128, 256, 512, 768, 1024, 1536, 2048, 3072)  # what a site may sensibly state
# Where the hardware or its firmware begins, before there is a stack (boot code, see docs/proof.md).
HARDWARE = {"x86_64": ("secondary_entry",), "aarch64": ("fathom_start", "fathom_secondary_start")}
WORST = {"too-deep": 0, "hole": 1, "skipped-page": 1, "rule": 2, "lock": 3}


@dataclasses.dataclass(slots=True)
class SiteResult:
    """A site and all that was proved of it."""
    site: Site
    contexts: set[Context] = dataclasses.field(default_factory=set)
    depth: int | None = None       # None: it opens no section on a lazy stack
    gap: int = 0
    touches_new: bool = False
    deepest: tuple = (0, None)
    calls: set = dataclasses.field(default_factory=set)  # from inside the section: (address, key)

    @property
    def needs_no_window(self) -> bool:
        """The section touches no stack byte below those that are touched already."""
        return self.depth is not None and not self.touches_new

    @property
    def least_window(self) -> int | None:
        """The smallest sensible window that holds the depth."""
        if self.depth is None:
            return None
        if self.needs_no_window:
            return 0
        return next((w for w in WINDOWS if w >= self.depth), None)


@dataclasses.dataclass(slots=True)
class Proof:
    """The outcome: what is wrong, and what is known of each site."""
    program: Program
    sites: dict[int, SiteResult]
    findings: list[tuple[Finding, tuple | None]]  # with the function and context, if any
    suggestions: list[Finding]
    unreached: list[str]
    outside: list[str]


def conclude(program: Program) -> Proof:
    """Applies every rule to what the fixpoint found."""
    sites = gather(program)
    findings: dict[Finding, tuple | None] = {f: None for f in program.findings}
    for key in sorted(program.summaries, key=lambda k: (k[0], str(k[1]))):
        for finding in program.summaries[key].findings:
            findings.setdefault(finding, key)
    for finding in (*check_records(program), *check_entries(program),
                    *check_rules(program, sites), *audit_addresses(program),
                    *switch_check.check(program)):
        findings.setdefault(finding, None)
    if not any(s.site.turn in TURNS_OFF for s in sites.values()):
        findings[Finding(0, "no-sites", "no site turns anything off: is this a Fathom kernel?")] = \
            None
    ordered = sorted(findings.items(), key=lambda item: (WORST.get(item[0].kind, 9),
                                                         -item[0].weight, item[0].address))
    return Proof(program, sites, ordered, suggest(sites), unreached(program), excluded(program))


def gather(program: Program) -> dict[int, SiteResult]:
    """The notes of all functions in all contexts, site by site."""
    records = program.records
    sites = {s.pc: SiteResult(s)
             for s in (*records.boundary_at.values(), *records.site_at.values())}
    for (start, _), summary in program.summaries.items():
        for pc, note in summary.sites.items():
            result = sites.get(pc)
            if result is None or pc == start and not note.contexts:
                continue  # a thread's first page, which is no site
            result.contexts |= note.contexts
            if note.gap < 0:
                continue
            result.gap = max(result.gap, note.gap)
            result.touches_new |= note.touches_new
            result.calls |= note.calls
            if result.depth is None or note.depth > result.depth:
                result.depth, result.deepest = note.depth, note.deepest
    return sites


def check_records(program: Program) -> list[Finding]:
    """Records that say nothing, or two things of one place."""
    found, known = [], {}
    for site in program.records.sites:
        if not 1 <= site.rule <= 5:
            found.append(Finding(site.pc, "record", f"there is no rule {site.rule}"))
        kind = bool(site.length)  # a boundary may stand where a site does
        if known.setdefault((site.pc, kind), site) is not site and \
                (kind or known[site.pc, kind] != site):
            found.append(Finding(site.pc, "record", "two records for one place"))
    return found


def check_entries(program: Program) -> list[Finding]:
    """Where the world enters no spinlock is held, so none is where interrupts are opened."""
    return [Finding(key[0], "lock", f"{locks:+} spinlocks are held where a section ends that it "
                    "began in")
            for key in program.roots() if key in program.summaries
            for locks in program.summaries[key].opens if locks]


def check_rules(program: Program, sites: dict[int, SiteResult]) -> list[Finding]:
    """Each site's stated rule, in every context in which it was reached. A boundary has no bytes: a
    site may stand at the same place, and is reached in the same contexts."""
    found = []
    boundaries = ((b, sites[pc]) for pc, b in program.records.boundary_at.items()
                  if sites[pc].site is not b)
    for site, result in [*((r.site, r) for r in sites.values()), *boundaries]:
        pc = site.pc
        broken = [c for c in sorted(result.contexts) if breaks(site, c)]
        if broken and (site.turn in TURNS_OFF or site.turn in (TRAP_ENTRY, API_BOUNDARY)):
            found.append(Finding(pc, "rule", f"rule {site.rule} is stated, but it is reached: "
                                 + "; ".join(map(str, broken))))
    return found


def breaks(site: Site, context: Context) -> bool:
    """Whether a site's rule does not hold in a context."""
    if site.rule == 1:
        return context.kind != StackKind.KERNEL
    if site.rule == 2:
        return context.kind == StackKind.LAZY
    if context.level == ARRIVING:
        return True
    if site.rule == 3:
        return context.level == PREEMPTIBLE
    return site.rule == 4 and context.level != PREEMPTIBLE


def suggest(sites: dict[int, SiteResult]) -> list[Finding]:
    """Cheaper rules and smaller windows that would do."""
    found = []
    for pc, result in sites.items():
        site = result.site
        if site.turn not in (PREEMPT_OFF, IRQS_OFF) or not result.contexts:
            continue
        if site.rule == 5:
            levels = {c.level == PREEMPTIBLE for c in result.contexts}
            if levels == {True}:
                found.append(Finding(pc, "cheaper-rule", "rule 4 would do: always preemptible"))
            elif levels == {False}:
                found.append(Finding(pc, "cheaper-rule", "rule 3 would do: always atomic"))
        if not site.window or result.depth is None:
            continue
        if result.needs_no_window:
            found.append(Finding(pc, "window-0", "touches no stack byte below those that are "
                                 f"touched already: needs no window (has {site.window})",
                                 site.window))
        elif result.least_window is not None and result.least_window < site.window:
            found.append(Finding(pc, "window", f"goes {result.depth} deep: a window of "
                                 f"{result.least_window} would do (has {site.window})",
                                 site.window - result.least_window))
    return sorted(found, key=lambda f: (f.kind, -f.weight, f.address))


def audit_addresses(program: Program) -> list[Finding]:
    """Every function whose address is taken by code that runs, or by data, must be known as a
    target: of a class, of the hardware, or as a thread's entry."""
    image = program.image
    known = set().union(*program.targets.values()) if program.targets else set()
    known |= {entry for entry, _ in program.records.thread_entries}
    names = list(HARDWARE[image.arch])
    names += [name for name, _, _ in ENTRIES[image.arch]] + [VECTORS[image.arch][0]]
    known |= {image.address_of[name] for name in names if name in image.address_of}
    entered = {f for s in program.summaries.values() for f in s.functions}
    constructors = range(image.address_of.get("fathom_init_array_begin", 0),
                         image.address_of.get("fathom_init_array_end", 0))
    found = {}
    for taken in image.taken:
        if taken.target in known or taken.in_code and taken.place in program.branches.operands:
            continue
        if taken.in_code:
            holder = image.function_at(taken.place)
            if holder is None or holder.start not in entered:
                continue
        elif taken.place in constructors:
            continue  # nothing calls them: an indirect call would be of no class
        if taken.target in image.by_start:
            found[taken.target] = Finding(taken.place if taken.in_code else taken.target,
                                          "unregistered", "the address of "
                                          f"{image.name_of(taken.target)} is taken, but no class "
                                          "of calls has it")
    return list(found.values())


def unreached(program: Program) -> list[str]:
    """Functions that no entry leads to."""
    entered = {f for s in program.summaries.values() for f in s.functions} | set(program.switches)
    return [f.name for f in program.image.functions if f.start not in entered]


def excluded(program: Program) -> list[str]:
    """Functions that are wrong on purpose, and not part of the proof."""
    return sorted(program.image.name_of(t) for group in program.outside
                  for t in program.targets.get(group, ()))
