"""The policies that are compared: their build presets, and what to say of each."""

from typing import NamedTuple


class Policy(NamedTuple):
    """A file in kernel/context/policies/, by the preset that selects it."""

    name: str
    preset: str  # without the architecture
    sound: bool
    text: str


POLICIES = (
    Policy("eager", "eager", True,
           "The whole stack at creation: every thread pays for its deepest moment."),
    Policy("rules", "release", True,
           "Each site states why no page can fault there, and touches ahead where it must."),
    Policy("packed", "packed", True,
           "The disable function tests one word, and touches for the kernel's deepest section."),
    Policy("conditional", "conditional", True,
           "As packed, but by the flags register and the counter: two tests at every site."),
    Policy("ensure", "ensure", True,
           "Wilcox's explicit call before a section, with the bytes of the prover's table."),
    Policy("exception_stack", "exception_stack", True,
           "Nothing before a section: a fault in any context is served from frames kept for it."),
    Policy("switch_in", "switch_in", True,
           "The switch populates a window; the fault handler serves what it could not know."),
    Policy("switch_in_alone", "switch_in_alone", False,
           "The switch populates a window, and that is all. The sweep finds the fault."),
    Policy("rules_osv", "historic", False,
           "The rules with OSv's single load at sp - 4096. The sweep finds the hole."),
)
