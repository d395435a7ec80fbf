"""`fathom rules`: the five rules, and where each is stated."""

import gdb

from . import kernel, sites

# context/rule.hpp.
RULES = {
    1: ("on_kernel_thread", "only ever on kernel threads, whose stacks are populated"),
    2: ("on_populated_stack", "only ever on an interrupt, exception or syscall stack"),
    3: ("nested_in", "inside another section, whose window covers this one"),
    4: ("here", "interrupts and preemption are both on: touch the stack ahead"),
    5: ("unknown_context", "decided at run time: touch ahead only if both are on"),
}


class Rules(kernel.Command):
    """Lists the five rules with the number of sites that state each.

    fathom rules          all five
    fathom rules RULE     one, with its sites; docs/rules.md explains them"""

    name = "rules"
    asks_kernel = False

    def run(self, words):
        wanted = kernel.number(words[0]) if words else None
        if wanted is not None and wanted not in RULES:
            raise gdb.GdbError(f"there is no rule {wanted}: 1 to 5")
        turns_off = [site for site in sites.all_sites() if sites.TURNS.get(site.turn, "")
                     in ("preempt off", "irqs off")]
        for rule, (argument, claim) in RULES.items():
            if wanted in (None, rule):
                count = sum(site.rule == rule for site in turns_off)
                kernel.say(f"rule {rule}  {argument:<18} {count:>4} sites  {claim}")
        if wanted is not None:
            for site in turns_off:
                if site.rule == wanted:
                    kernel.say(f"  window {site.window:>4}  {kernel.describe_code(site.pc)}")
        kernel.say("read next: docs/rules.md")


Rules()
