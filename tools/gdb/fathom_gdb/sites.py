"""`fathom sites`: the table of places that turn interrupts or preemption off and on."""

import struct

import gdb

from . import kernel

RECORD = struct.Struct("<iBBH")  # context/site.hpp: SiteRecord
TURNS = {1: "preempt off", 2: "preempt on", 3: "irqs off", 4: "irqs on", 5: "trap entry",
         6: "thread start", 7: "api boundary", 8: "system call"}

MOST_RULE = 5


class Site:
    """One record."""

    def __init__(self, address, offset, rule_and_turn, length, window):
        self.pc = (address + offset) & kernel.MAX_64
        self.rule = rule_and_turn >> 4
        self.turn = rule_and_turn & 15
        self.length = length
        self.window = window


def all_sites():
    """Every site, by address."""
    begin = kernel.symbol_address("fathom_sites_begin")
    end = kernel.symbol_address("fathom_sites_end")
    if begin == end:
        return []
    data = kernel.read_constant(begin, end - begin)
    sites = [Site(begin + 8 * index, *fields)
             for index, fields in enumerate(RECORD.iter_unpack(data))]
    return sorted(sites, key=lambda site: site.pc)


class Sites(kernel.Command):
    """Lists the places that turn interrupts or preemption off or on.

    fathom sites              all of them, with the rule that each states
    fathom sites RULE         only those that state this rule, 1 to 5"""

    name = "sites"
    asks_kernel = False

    def run(self, words):
        wanted = kernel.number(words[0]) if words else None
        if wanted is not None and wanted > MOST_RULE:
            raise gdb.GdbError(f"there is no rule {wanted}: 1 to {MOST_RULE}")
        shown = 0
        for site in all_sites():
            if wanted in (None, site.rule):
                shown += 1
                kernel.say(f"rule {site.rule}  {TURNS.get(site.turn, site.turn):<12} window "
                           f"{site.window:>4}  {kernel.describe_code(site.pc)}")
        kernel.say(f"{shown} sites")


Sites()
