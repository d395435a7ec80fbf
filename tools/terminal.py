"""Lines that fit the terminal of the person who reads them; unchanged where nobody sits at one."""

import re
import shutil
import textwrap

LEAST_WIDTH = 40
WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


def columns_of(stream):
    """The width of the terminal that `stream` writes to, or None if it is no terminal."""
    return max(shutil.get_terminal_size().columns, LEAST_WIDTH) if stream.isatty() else None


def clip(line, columns):
    """As much of the line as fits, with an ellipsis where something was left out."""
    if columns is None or len(line) <= columns:
        return line
    return line[:columns - 1] + "\u2026"


def fold(line, columns, indent):
    """The line, broken between words where it is too long; what goes on begins with `indent`."""
    if columns is None or len(line) <= columns:
        return line
    return "\n".join(textwrap.wrap(line, columns, subsequent_indent=indent,
                                   break_long_words=False, break_on_hyphens=False))


def fold_command(lead, command, columns):
    """`lead` and a shell command, broken between words so that it can still be copied and run. A
    word that is too long by itself stays whole."""
    if columns is None or len(lead) + len(command) <= columns:
        return lead + command
    indent = " " * (len(lead) - len(lead.lstrip()) + 2)
    lines = [lead.rstrip(), indent]
    for word in WORD.findall(command):
        full = len(lines[-1]) + len(word) + len(" \\") > columns
        if full and lines[-1] != indent:
            lines[-1] += "\\"
            lines.append(indent)
        lines[-1] += word + " "
    return "\n".join(line.rstrip() for line in lines)
