"""A comment that sends the reader to another file names one that is there.

A name with a folder is looked for in the whole project; a bare name only in the layer of the file
that names it, and never in the other architecture: elsewhere it is another file of that name. In
`arch/<arch>/trap.cpp` any folder stands for `<arch>`.
"""

import re

NAME = re.compile(r"[\w.<>/-]*[\w>]\.(?:cpp|hpp|h|S)\b")
ARCHITECTURES = ("x86_64", "aarch64")
# Of other projects, which the comment says.
FOREIGN = ("public/",)


def named_files(file):
    """A source file that a comment of kernel/ or boot/ names exists."""
    if not file.is_in("kernel", "boot"):
        return
    for number, comment in file.comments():
        for name in NAME.findall(comment):
            name = name.removeprefix("<")
            if not name.startswith(FOREIGN) and not is_there(name, file):
                yield number, f"{name}: there is no such file here; name the folder, too"


def is_there(name, file):
    """Whether `name`, said in `file`, is a file of the tree."""
    wanted = re.sub(r"\\?<\w+\\?>", r"[^/]+", re.escape(name))
    pattern = re.compile(rf"(?:.*/)?{wanted}")
    return any(pattern.fullmatch(path) and not is_foreign(path, file.name)
               and ("/" in name or layer(path) == layer(file.name)) for path in file.tree)


def is_foreign(path, name):
    """Whether `path` belongs to an architecture that `name` does not."""
    own = {arch for arch in ARCHITECTURES if arch in name.split("/")}
    return bool(own) and any(arch in path.split("/") and arch not in own
                             for arch in ARCHITECTURES)


def layer(path):
    parts = path.split("/")
    return parts[:2] if parts[0] == "kernel" else parts[:1]
