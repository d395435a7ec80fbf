"""`fathom break-rule`: stop wherever a section begins that states a rule."""

import gdb

from . import kernel, rules, sites


class RuleBreakpoint(gdb.Breakpoint):
    """Stands at one site."""

    def __init__(self, site):
        self.site = site
        super().__init__(f"*{site.pc:#x}", type=gdb.BP_BREAKPOINT)

    def stop(self):
        site = self.site
        kernel.say(f"rule {site.rule} is stated here ({sites.TURNS[site.turn]}, window "
                   f"{site.window}): {rules.RULES[site.rule][1]}")
        return True


class BreakRule(kernel.Command):
    """Stops whenever a section begins that states a rule.

    fathom break-rule RULE             at every site of rule 1 to 5
    fathom break-rule RULE FUNCTION    only in functions whose name holds this text

The breakpoints are ordinary ones: delete removes them. fathom fault and fathom break-populate are
for what the rules are about."""

    name = "break-rule"
    asks_kernel = False

    def run(self, words):
        if len(words) not in (1, 2):
            raise gdb.GdbError("usage: fathom break-rule RULE [FUNCTION]")
        rule = kernel.number(words[0])
        if rule not in rules.RULES:
            raise gdb.GdbError(f"there is no rule {rule}: 1 to 5")
        chosen = [site for site in sites.all_sites()
                  if site.rule == rule and sites.TURNS.get(site.turn) in ("preempt off", "irqs off")
                  and (len(words) == 1 or words[1] in kernel.function_name(site.pc))]
        if not chosen:
            raise gdb.GdbError(f"no site states rule {rule} there: see fathom sites {rule}")
        for site in chosen:
            RuleBreakpoint(site)
        kernel.say(f"{len(chosen)} sites of rule {rule} have a breakpoint")


BreakRule()
