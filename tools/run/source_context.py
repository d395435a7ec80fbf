"""The source lines around a place that a failed check names."""

import re
import textwrap

from .options import ROOT

# How the runner says where a check failed (tests/runner/test_context.cpp).
PLACE = re.compile(r"^# ([\w./+-]+\.(?:[ch]pp|S|inc)):(\d+): ")
AROUND = 2


def excerpt(line, around=AROUND):
    """The lines around the place in a diagnostic line, the failing one marked; [] if it names none
    or the file is not there."""
    place = PLACE.match(line)
    if place is None:
        return []
    try:
        text = (ROOT / place.group(1)).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines, wanted = text.splitlines(), int(place.group(2))
    if not 0 < wanted <= len(lines):
        return []
    begin, end = max(1, wanted - around), min(len(lines), wanted + around)
    shown = textwrap.dedent("\n".join(lines[begin - 1:end])).split("\n")
    return [f"{'>' if number == wanted else ' '} {number:>4} | {line}".rstrip()
            for number, line in enumerate(shown, begin)]

