"""A student's lab: started, graded, left. What is under way stands in build/labs/current.json."""

import io
import json
import pathlib
import shutil
import subprocess
import tarfile

from .lab import ROOT, Lab, LabError, patched

STATE = ROOT / "build" / "labs"
CURRENT = STATE / "current.json"
TREE = STATE / "tree"  # the commit that the lab was started at


def git(*arguments: str, root: pathlib.Path = ROOT) -> bytes:
    """What git says; it must know the tree."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        raise LabError(f"git {arguments[0]}: {done.stderr.decode().strip()}\nlabs need a clone of "
                       "the project, by git")
    return done.stdout


def committed(commit: str, names: list[str]) -> dict[str, bytes]:
    """Files as a commit has them."""
    return {name: git("show", f"{commit}:{name}") for name in names}


def current() -> tuple[Lab, str] | None:
    """The lab that is under way, and the commit that it was started at."""
    if not CURRENT.exists():
        return None
    state = json.loads(CURRENT.read_text(encoding="utf-8"))
    return Lab(state["lab"]), state["commit"]


def under_way() -> tuple[Lab, str]:
    """The same; an error if there is none."""
    found = current()
    if found is None:
        raise LabError("no lab is under way: make lab N=1 begins one")
    return found


def start(number: str) -> str:
    """Takes something away from the tree; returns what to tell."""
    lab = Lab(number)
    if (found := current()) is not None:
        raise LabError(f"lab {found[0].number} is under way; make lab N=0 leaves it (your work is "
                       "kept), then make lab N=" + number)
    before = committed("HEAD", lab.files())
    dirty = [name for name, data in before.items()
             if not (ROOT / name).exists() or (ROOT / name).read_bytes() != data]
    if dirty:
        raise LabError(f"{', '.join(dirty)}: changed already, and the lab would change it; commit "
                       "that or put it aside (git stash), then again. Nothing has been changed")
    for name, data in patched(before, [lab.task]).items():
        (ROOT / name).write_bytes(data)
    STATE.mkdir(parents=True, exist_ok=True)
    commit = git("rev-parse", "HEAD").decode().strip()
    CURRENT.write_text(json.dumps({"lab": number, "commit": commit}) + "\n", encoding="utf-8")
    files = "\n".join(f"  {name}" for name in lab.files())
    return (f"lab {number}: {lab.title}\nread {lab.page.relative_to(ROOT)}, and change\n{files}\n"
            "then: make grade")


def leave() -> str:
    """Puts the lab's files back, and keeps what was done to them as a patch."""
    lab, commit = under_way()
    files = lab.files()
    said = ""
    work = git("diff", commit, "--", *files)
    if work:
        number = 1 + len(list(STATE.glob(f"lab-{lab.number}-*.patch")))
        kept = STATE / f"lab-{lab.number}-{number}.patch"
        kept.write_bytes(work)
        said = f"; your work is in {kept.relative_to(ROOT)} (git apply brings it back)"
    for name, data in committed(commit, files).items():
        (ROOT / name).write_bytes(data)
    CURRENT.unlink()
    return f"lab {lab.number} is left, and its files are as they were{said}"


def reference_tree(commit: str) -> pathlib.Path:
    """The project as that commit has it: tests, tools and all that is no answer. What has been
    built there stays for as long as it is of these very files."""
    packed = io.BytesIO(git("archive", "--format=tar", commit))
    with tarfile.open(fileobj=packed) as archive:
        if not holds(TREE, archive):
            shutil.rmtree(TREE, ignore_errors=True)
            archive.extractall(TREE)
    return TREE


def holds(tree: pathlib.Path, archive: tarfile.TarFile) -> bool:
    """Whether a tree is what the archive has, and no more, but for what is built in it."""
    wanted = {member.name: archive.extractfile(member).read() for member in archive
              if member.isfile()}
    there = {str(path.relative_to(tree)) for path in tree.rglob("*")
             if path.is_file() and path.suffix != ".pyc"}
    there = {name for name in there if not name.startswith("build/")}
    return there == {*wanted} and all((tree / name).read_bytes() == data
                                      for name, data in wanted.items())


def answer(lab: Lab, folder: pathlib.Path) -> dict[str, bytes]:
    """The lab's files, as they lie in a student's tree."""
    missing = [name for name in lab.files() if not (folder / name).is_file()]
    if missing:
        raise LabError(f"{', '.join(missing)}: not in {folder}")
    return {name: (folder / name).read_bytes() for name in lab.files()}
