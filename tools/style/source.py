"""A source file as the style rules see it: its lines, with and without comments."""

import dataclasses
import pathlib
import re

# A comment, or a string or character literal, whose insides are no comment.
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


@dataclasses.dataclass
class File:
    """`name` is the path from the project's root; `code` are the lines with comments blanked."""

    name: str
    lines: list
    code: list
    tree: frozenset = frozenset()  # every file of the project, by its path from the root

    @property
    def path(self):
        return pathlib.PurePosixPath(self.name)

    @property
    def is_cpp(self):
        return self.path.suffix in (".hpp", ".cpp", ".h", ".inc")

    @property
    def is_header(self):
        return self.path.suffix == ".hpp"

    def is_in(self, *folders):
        """Whether it lies below one of `folders`, given from the project's root."""
        return any(self.name.startswith(folder.rstrip("/") + "/") for folder in folders)


    def comments(self):
        """What the comments of each line say, with its number."""
        for number, (line, code) in enumerate(zip(self.lines, self.code), 1):
            yield number, "".join(c if c != kept else " " for c, kept in zip(line, code))


def make_file(name, text, tree=frozenset()):
    """A File of this text."""
    return File(name, text.splitlines(), without_comments(text).splitlines(), tree)


def read_file(root, path, tree=frozenset()):
    text = path.read_text(encoding="utf-8", errors="replace")
    return make_file(path.relative_to(root).as_posix(), text, tree)


def without_comments(text):
    """`text` with C++ comments blanked; line numbers stay, string literals too."""
    def blank(match):
        token = match.group(0)
        if token.startswith(("//", "/*")):
            return "".join(c if c == "\n" else " " for c in token)
        return token
    return TOKEN.sub(blank, text)
