"""The kernels of another revision, built beside ours from a work tree of their own."""

import contextlib
import pathlib
import subprocess
from collections.abc import Iterable, Iterator

from .rows import ROOT, Image


def run(command: list[str], folder: pathlib.Path) -> str:
    """Runs a command that must succeed; what it printed is shown only where it did not."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


@contextlib.contextmanager
def built(name: str, architectures: Iterable[str], jobs: int) -> Iterator[list[Image]]:
    """The release kernels of the revision `name` while the context lasts. Built in a folder that
    is kept, so that the next comparison with it builds nothing."""
    commit = run(["git", "rev-parse", "--verify", f"{name}^{{commit}}"], ROOT).strip()
    tree = ROOT / "build" / "bench" / "revisions" / commit
    if not tree.exists():
        run(["git", "worktree", "prune"], ROOT)
        run(["git", "worktree", "add", "--detach", str(tree), commit], ROOT)
    images = []
    for arch in architectures:
        preset = f"{arch}-release"
        run(["cmake", "--preset", preset, "-DFATHOM_PROVE=OFF"], tree)
        run(["cmake", "--build", "--preset", preset, "--parallel", str(jobs)], tree)
        images.append(Image(arch, tree / "build" / preset))
    yield images
