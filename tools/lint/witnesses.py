"""Turns the witnesses in parameter lists into thread-safety attributes.

`void post(Preemptible here)` says that its caller must be preemptible. Clang's analysis wants the
same thing as an attribute behind the parameter list. A source of the lint is a copy of the real one
with these attributes added, on the same lines.
"""

import re

ATOMIC = "__attribute__((requires_capability(::fathom::lint::atomic_section)))"
PREEMPTIBLE = "__attribute__((requires_capability(!::fathom::lint::atomic_section)))"
# A template over the kind of witness is looked at where it is called, not inside.
EITHER = "__attribute__((no_thread_safety_analysis))"
ATTRIBUTES = {"Preemptible": PREEMPTIBLE, "Atomic": ATOMIC, "IrqsDisabled": ATOMIC,
              "Witness": EITHER}

# A parameter of a witness type: by value, named or not, not the first words of an expression.
PARAMETER = re.compile(r"(?<=[(,\s])(Preemptible|Atomic|IrqsDisabled|Witness)(?:\s+\w+)?"
                       r"\s*(?=[,)])")
# What is not code: comments and strings, blanked before the search.
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
# What may stand between the parameter list and the place of the attribute.
QUALIFIERS = re.compile(r"(?:\s*(?:const|mutable|noexcept)\b)*")
# What follows the head of a function, and of nothing else that has such a parameter list.
BODY = re.compile(r"\s*(?:\{|;|:(?!:)|->|FATHOM_|=\s*(?:default|delete|0)\b)")


def blank(text: str) -> str:
    """The text with comments and strings blanked out, the same length."""
    return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def enclosing(code: str, position: int) -> tuple[int, int] | None:
    """The parentheses around `position`: the places of both."""
    depth = 0
    for begin in range(position - 1, -1, -1):
        depth += (code[begin] == ")") - (code[begin] == "(")
        if depth < 0:
            break
        if code[begin] in ";{}" and depth == 0:
            return None
    else:
        return None
    depth = 0
    for end in range(begin, len(code)):
        depth += (code[end] == "(") - (code[end] == ")")
        if depth == 0:
            return begin, end
    return None


def is_function(code: str, begin: int, end: int) -> int | None:
    """Where the attribute goes if the parentheses are a function's parameter list."""
    before = code[:begin].rstrip()
    if not re.search(r"(?:[\w\]]|operator\(\)|>)$", before):
        return None
    place = QUALIFIERS.match(code, end + 1).end()
    return place if BODY.match(code, place) else None


def annotate(text: str) -> str:
    """The source with an attribute behind each parameter list that has a witness."""
    code = blank(text)
    inserts: dict[int, str] = {}
    for found in PARAMETER.finditer(code):
        parentheses = enclosing(code, found.start())
        place = is_function(code, *parentheses) if parentheses else None
        if place is not None:
            inserts[place] = " " + ATTRIBUTES[found.group(1)]
    pieces, last = [], 0
    for place in sorted(inserts):
        pieces += [text[last:place], inserts[place]]
        last = place
    return "".join(pieces) + text[last:]
