"""A student's lab: started, graded, left, taken up again.

What cannot be made again lies in labs/.mine, which `make clean` leaves alone: current.json says
what is under way, task/ has the files as the lab began with them, lab-N-*.patch are answers that
were left: each is a patch on top of the lab's task, as its solution.patch is.
"""

import io
import json
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from .lab import ROOT, Lab, LabError, patched

STATE = ROOT / "build" / "labs"  # what can be made again
MINE = ROOT / "labs" / ".mine"
CURRENT, TASK = MINE / "current.json", MINE / "task"
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


def start(number: str, resume: bool = False) -> str:
    """Takes something away from the tree, and puts there what was made of it before, if that is
    to be taken up again; returns what to tell."""
    lab = Lab(number)
    if (found := current()) is not None:
        if resume and found[0].number == number and not work_of(lab):
            return take_up(lab)
        raise LabError(f"lab {found[0].number} is under way; make lab N=0 leaves it (your work is "
                       "kept), then make lab N=" + number + (" RESUME=1" if resume else ""))
    before = committed("HEAD", lab.files())
    dirty = [name for name, data in before.items()
             if not (ROOT / name).exists() or (ROOT / name).read_bytes() != data]
    if dirty:
        raise LabError(f"{', '.join(dirty)}: changed already, and the lab would change it; commit "
                       "that or put it aside (git stash), then again. Nothing has been changed")
    task = patched(before, [lab.task])
    mine = patched(task, kept_for(lab, resume))
    commit = git("rev-parse", "HEAD").decode().strip()
    write_all(TASK, task)
    CURRENT.write_text(json.dumps({"lab": number, "commit": commit}) + "\n", encoding="utf-8")
    write_all(ROOT, mine)
    return begun(lab, resume)


def take_up(lab: Lab) -> str:
    """The answer that was kept, in a lab that is under way and in which nothing has been done."""
    write_all(ROOT, patched(task_of(lab), kept_for(lab, True)))
    return begun(lab, True)


def begun(lab: Lab, resumed: bool) -> str:
    """What to read, to change and to type."""
    files = "\n".join(f"  {name}" for name in lab.files())
    kept = kept_answers(lab)
    taken = f"with your answer of {kept[-1].relative_to(ROOT)}\n" if resumed else ""
    offer = (f"your answer of before is kept: make lab N={lab.number} RESUME=1 takes it up\n"
             if kept and not resumed else "")
    return (f"lab {lab.number}: {lab.title}\n{taken}{offer}read {lab.page.relative_to(ROOT)}, and "
            f"change\n{files}\nthen: make grade")


def kept_answers(lab: Lab) -> list[pathlib.Path]:
    """What was made of a lab each time that it was left, the latest last."""
    return sorted(MINE.glob(f"lab-{lab.number}-*.patch"),
                  key=lambda path: int(path.stem.rpartition("-")[2]))


def kept_for(lab: Lab, resume: bool) -> list[pathlib.Path]:
    """The patch to begin with: the latest answer, or none."""
    kept = kept_answers(lab)
    if resume and not kept:
        raise LabError(f"no answer to lab {lab.number} is kept; make lab N={lab.number} begins it")
    return kept[-1:] if resume else []


def write_all(folder: pathlib.Path, files: dict[str, bytes]) -> None:
    """Writes files by their names in the tree."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def task_of(lab: Lab) -> dict[str, bytes]:
    """The lab's files as it began with them, whatever has become of its patch since."""
    gone = [name for name in lab.files() if not (TASK / name).is_file()]
    if gone:
        raise LabError(f"{TASK.relative_to(ROOT)} lacks {', '.join(gone)}, so what you have done "
                       "cannot be told from the task; put your files aside, then git checkout "
                       f"{' '.join(gone)} and remove {CURRENT.relative_to(ROOT)}")
    return {name: (TASK / name).read_bytes() for name in lab.files()}


def work_of(lab: Lab) -> bytes:
    """What has been done to the lab's files since it began, as a patch; empty: nothing."""
    task = task_of(lab)
    with tempfile.TemporaryDirectory(prefix="fathom-lab-") as name:
        folder = pathlib.Path(name)
        write_all(folder / "a", task)
        write_all(folder / "b", {file: (ROOT / file).read_bytes() if (ROOT / file).is_file()
                                 else data for file, data in task.items()})
        return subprocess.run(["git", "diff", "--no-index", "--no-prefix", "--no-ext-diff",
                               "--no-color", "--text", "a", "b"], cwd=folder,
                              stdout=subprocess.PIPE, check=False).stdout


def leave() -> str:
    """Puts the lab's files back, and keeps what was done to them as a patch."""
    lab, commit = under_way()
    said = ""
    if work := work_of(lab):
        number = 1 + max((int(path.stem.rpartition("-")[2]) for path in kept_answers(lab)),
                         default=0)
        kept = MINE / f"lab-{lab.number}-{number}.patch"
        kept.write_bytes(work)
        said = (f"; your work is in {kept.relative_to(ROOT)}\n"
                f"make lab N={lab.number} RESUME=1 takes it up again")
    write_all(ROOT, committed(commit, lab.files()))
    CURRENT.unlink()
    shutil.rmtree(TASK, ignore_errors=True)
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
