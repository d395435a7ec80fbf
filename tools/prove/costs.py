"""What each rule costs in instructions, read from the sites' own bytes."""

import json

from .disassembly import disassemble
from .image import Image
from .records import IRQS_OFF, PREEMPT_OFF, Records, Site, TURNS

# Instructions of a bare, witness-free guard: what the hardware needs to go atomic and count it.
BARE = {"x86_64": {PREEMPT_OFF: 1, IRQS_OFF: 2}, "aarch64": {PREEMPT_OFF: 3, IRQS_OFF: 4}}
# What each rule may add to that, at most: rules 4 and 5 only where the window is not 0.
EXTRA = {"x86_64": {1: 0, 2: 0, 3: 0, 4: 1, 5: 3}, "aarch64": {1: 0, 2: 0, 3: 0, 4: 2, 5: 4}}


def added(arch: str, code: dict, site: Site) -> int | None:
    """Instructions over the bare guard, or None where the site turns nothing off."""
    bare = BARE[arch].get(site.turn)
    if bare is None:
        return None
    return sum(1 for at in range(site.pc, site.pc + site.length) if at in code) - bare


def report(image: Image, form: str) -> int:
    """Prints the costs; the exit status says whether all bars are kept."""
    records = Records(image)
    code = disassemble(image.path, image.arch)
    costs = [(s, added(image.arch, code, s)) for s in records.sites]
    costs = [(s, cost) for s, cost in costs if cost is not None]
    if form == "json":
        policy = "rules" if records.lazy_stacks else "eager"
        for rule in range(1, 6):
            of_rule = [cost for site, cost in costs if site.rule == rule]
            if of_rule:
                print(json.dumps({"arch": image.arch, "policy": policy, "unit": "instructions",
                                  "name": f"rule_extra_{rule}", "value": max(of_rule)}))
        return 0
    wrong = []
    for site, cost in costs:
        allowed = EXTRA[image.arch][site.rule] if site.window else 0
        if not 0 <= cost <= allowed:
            wrong.append(f"{image.name_of(site.pc)}: rule {site.rule} ({TURNS[site.turn]}, window "
                         f"{site.window}) adds {cost} instructions; {allowed} are allowed")
    if not costs:
        wrong.append("no site turns anything off: is this a Fathom kernel?")
    print("\n".join(wrong) or f"{len(records.sites)} site records, none dearer than its rule")
    return 1 if wrong else 0
