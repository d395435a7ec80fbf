#!/usr/bin/python3
"""Labs: exercises that take something away from the kernel, and give points for bringing it back.

    /usr/bin/python3 tools/labs start 3     takes it away (make lab N=3; RESUME=1 is --resume)
    /usr/bin/python3 tools/labs grade       points and hints (make grade)
    /usr/bin/python3 tools/labs leave       puts the files back, keeps the work (make lab N=0)
    /usr/bin/python3 tools/labs check 3     the solution gets all points, other answers do not
    /usr/bin/python3 tools/labs judge 3 --from TREE     for a teacher: the files of another tree
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "labs"

# pylint: disable=wrong-import-position
from labs import student
from labs.grading import Grader, text_of
from labs.lab import ARCHITECTURES, ROOT, Lab, LabError, numbers, patched


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/labs", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["start", "grade", "leave", "check", "judge"])
    parser.add_argument("lab", nargs="?", help=f"one of {', '.join(numbers())}")
    parser.add_argument("--arch", choices=ARCHITECTURES, action="append", dest="architectures",
                        help="one architecture only (both)")
    parser.add_argument("--answers", type=lambda text: text.split(","),
                        help="check: only these, separated by commas")
    parser.add_argument("--resume", action="store_true", help="start: with the answer that was "
                        "kept when the lab was left")
    parser.add_argument("--from", type=pathlib.Path, dest="tree", help="judge: whose files")
    parser.add_argument("--home", type=pathlib.Path, help="the tree from whose build/*-release "
                        "objects are taken where they are the same (the one that grades)")
    parser.add_argument("--json", type=pathlib.Path, help="judge: write the result there as well")
    options = parser.parse_args(arguments)
    options.trusted = (options.home or ROOT).resolve()
    options.architectures = options.architectures or list(ARCHITECTURES)
    return options


def start(options):
    print(student.start(options.lab, options.resume) if options.lab != "0" else student.leave())
    return 0


def leave(_):
    print(student.leave())
    return 0


def grade(options):
    """By the commit that the lab was started at: its tests, its tools, this one's too."""
    lab, commit = student.under_way()
    tree = student.reference_tree(commit)
    result = student.STATE / "grade.json"
    done = subprocess.run([sys.executable, str(tree / "tools" / "labs"), "judge", lab.number,
                           "--from", str(ROOT), "--json", str(result),
                           *([f"--home={options.home}"] if options.home else []),
                           *(f"--arch={arch}" for arch in options.architectures)], check=False)
    if done.returncode in (0, 1):
        print(f"for a teacher: {result.relative_to(ROOT)}")
    return done.returncode


def judge(options):
    lab = Lab(options.lab)
    if options.tree is None:
        raise LabError("judge needs --from TREE: the tree whose files are graded")
    grader = Grader(lab, ROOT, options.trusted, student.STATE / "judge" / lab.number)
    graded = grader.grade(student.answer(lab, options.tree), options.architectures)
    print(text_of(graded))
    if options.json:
        options.json.write_text(json.dumps(graded, indent=2) + "\n", encoding="utf-8")
    return 0 if graded["points"] == graded["of"] else 1


def check(options):
    """The task alone and every broken answer lose points; the solution loses none."""
    lab, wrong = Lab(options.lab), 0
    before = {name: (ROOT / name).read_bytes() for name in lab.files()}
    answers = {"task": [], **{name: [path] for name, path in lab.answers().items()}}
    for name in options.answers or answers:
        if name not in answers:
            raise LabError(f"lab {lab.number} has no answer {name}; it has {', '.join(answers)}")
        work = student.STATE / "check" / f"{lab.number}-{name}"
        graded = Grader(lab, ROOT, options.trusted, work).grade(
            patched(before, [lab.task, *answers[name]]), options.architectures)
        full = graded["points"] == graded["of"]
        as_it_should = full == (name == "solution")
        wrong += not as_it_should
        print(f"{'ok    ' if as_it_should else 'not ok'} {name}: {graded['points']} of "
              f"{graded['of']} points", flush=True)
        if as_it_should:
            shutil.rmtree(work)
        else:
            print(text_of(graded), flush=True)
    return 1 if wrong else 0


def main(arguments):
    options = parse(arguments)
    known = {"start": start, "grade": grade, "leave": leave, "check": check, "judge": judge}
    try:
        if options.command in ("start", "check", "judge") and not options.lab:
            raise LabError(f"which lab? There are {', '.join(numbers())}: make lab N=1")
        return known[options.command](options)
    except LabError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
