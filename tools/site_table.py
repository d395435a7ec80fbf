#!/usr/bin/python3
"""Reads the site records of a linked kernel and tells what each site costs.

    site_table.py fathom.elf            # the table: rule, turn, window, instructions, place
    site_table.py --check fathom.elf    # exit 1 if a site costs more than its rule allows
    site_table.py --json fathom.elf     # rule_extra_1 .. rule_extra_5 as JSON lines

A record (kernel/context/site.hpp) is eight bytes: offset of the sequence from the record, rule and
turn, length of the sequence, window. The instructions are counted by disassembling the sequence.
"""

import argparse
import bisect
import collections
import json
import struct
import sys

import capstone
from elftools.elf.elffile import ELFFile

TURNS = {1: "preempt off", 2: "preempt on", 3: "irqs off", 4: "irqs on", 5: "trap entry",
         6: "thread start", 7: "api boundary"}
# Instructions of a bare, witness-free guard: what the hardware needs to go atomic and count it.
BARE = {"x86_64": {1: 1, 3: 2}, "aarch64": {1: 3, 3: 4}}
# What each rule may add to that, at most: rules 4 and 5 only where the window is not 0.
EXTRA = {"x86_64": {1: 0, 2: 0, 3: 0, 4: 1, 5: 3}, "aarch64": {1: 0, 2: 0, 3: 0, 4: 2, 5: 4}}

Site = collections.namedtuple("Site", "pc rule turn length window instructions function")


class Kernel:
    """A linked kernel: its sites, with the function that each lies in."""

    def __init__(self, path):
        with open(path, "rb") as file:
            elf = ELFFile(file)
            self.arch = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}[elf["e_machine"]]
            self._segments = [(s["p_vaddr"], s.data()) for s in elf.iter_segments()
                              if s["p_type"] == "PT_LOAD"]
            symbols = elf.get_section_by_name(".symtab")
            by_name = {s.name: s["st_value"] for s in symbols.iter_symbols()}
            self._functions = sorted((s["st_value"], s["st_size"], s.name)
                                     for s in symbols.iter_symbols()
                                     if s["st_info"]["type"] == "STT_FUNC")
            begin, end = by_name["fathom_sites_begin"], by_name["fathom_sites_end"]
        mode = ((capstone.CS_ARCH_X86, capstone.CS_MODE_64) if self.arch == "x86_64"
                else (capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM))
        self._decoder = capstone.Cs(*mode)
        self.sites = [self._site(at) for at in range(begin, end, 8)]

    def bytes_at(self, address, size):
        for base, data in self._segments:
            if base <= address and address + size <= base + len(data):
                return data[address - base:address - base + size]
        raise ValueError(f"no loaded bytes at {address:#x}")

    def _site(self, at):
        offset, rule_and_turn, length, window = struct.unpack("<iBBH", self.bytes_at(at, 8))
        pc = at + offset
        code = self.bytes_at(pc, length) if length else b""
        count = sum(1 for _ in self._decoder.disasm_lite(code, pc))
        return Site(pc, rule_and_turn >> 4, rule_and_turn & 15, length, window, count,
                    self.function_of(pc))

    def function_of(self, pc):
        index = bisect.bisect_right(self._functions, (pc, 1 << 62, "")) - 1
        if index >= 0:
            start, size, name = self._functions[index]
            if pc < start + max(size, 1):
                return name
        return "?"


def extra(kernel, site):
    """Instructions over the bare guard, or None where the site turns nothing off."""
    bare = BARE[kernel.arch].get(site.turn)
    return None if bare is None else site.instructions - bare


def complaints(kernel, policy):
    """What is wrong with the sites of this kernel, in words."""
    wrong = []
    for site in kernel.sites:
        added = extra(kernel, site)
        if added is None:
            continue
        allowed = EXTRA[kernel.arch][site.rule] if policy == "rules" and site.window else 0
        if added > allowed or added < 0:
            wrong.append(f"{site.function}: rule {site.rule} ({TURNS[site.turn]}, window "
                         f"{site.window}) adds {added} instructions; {allowed} are allowed")
    if not any(extra(kernel, site) is not None for site in kernel.sites):
        wrong.append("no site turns anything off: is this a Fathom kernel?")
    return wrong


def print_table(kernel):
    print(f"{'rule':>4} {'turn':<13} {'window':>6} {'instr':>5}  function")
    for site in sorted(kernel.sites, key=lambda s: (s.rule, s.turn, s.function, s.pc)):
        print(f"{site.rule:>4} {TURNS.get(site.turn, '?'):<13} {site.window:>6} "
              f"{site.instructions:>5}  {site.function}")


def print_json(kernel, policy):
    for rule in range(1, 6):
        added = [extra(kernel, s) for s in kernel.sites
                 if s.rule == rule and extra(kernel, s) is not None]
        if added:
            print(json.dumps({"arch": kernel.arch, "policy": policy, "name": f"rule_extra_{rule}",
                              "value": max(added), "unit": "instructions"}))


def main():
    parser = argparse.ArgumentParser(description="the sites of a kernel and what they cost")
    parser.add_argument("elf")
    parser.add_argument("--policy", default="rules", choices=["rules", "eager"])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kernel = Kernel(options.elf)
    if options.json:
        print_json(kernel, options.policy)
        return 0
    if options.check:
        wrong = complaints(kernel, options.policy)
        print("\n".join(wrong) or f"{len(kernel.sites)} site records, none dearer than its rule")
        return 1 if wrong else 0
    print_table(kernel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
