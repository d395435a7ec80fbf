#!/usr/bin/python3
"""The files for VS Code and the dev container name what is there, on both architectures.

What would break without it: an editor button that does nothing, a container without the tools.
"""

import json
import pathlib
import re
import shlex
import unittest

from make_targets import targets
from run import options

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(name):
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


class Editor(unittest.TestCase):
    def test_each_task_runs_a_target_of_make(self):
        labels = {}
        for task in load(".vscode/tasks.json")["tasks"]:
            words = task["command"].split()
            self.assertEqual(words[0], "make")
            self.assertIn(words[1], targets())
            labels[task["label"]] = words[1]
        for arch, short in (("x86_64", "x86"), ("aarch64", "arm")):
            self.assertEqual(labels[f"build {arch}"], f"build-{arch}-release")
            self.assertEqual(labels[f"run {arch}"], f"run-{short}")
            self.assertEqual(labels[f"GDB {arch}"], f"gdb-{short}")

    def test_each_launch_builds_boots_and_joins_its_own_kernel(self):
        labels = {task["label"] for task in load(".vscode/tasks.json")["tasks"]}
        seen = set()
        for launch in load(".vscode/launch.json")["configurations"]:
            script, *words = shlex.split(launch["debugServerArgs"])
            self.assertTrue((ROOT / script / "__main__.py").exists())
            run = options.parse([*words, "--dry"])
            self.assertIn(launch["preLaunchTask"], labels)
            self.assertEqual(launch["preLaunchTask"], f"build {run.arch}")
            self.assertEqual(launch["program"],
                             f"${{workspaceFolder}}/{run.elf.relative_to(ROOT)}")
            self.assertEqual(run.gdb, "tcp:" + launch["miDebuggerServerAddress"])
            self.assertIn(f'print(f"{launch["serverStarted"]}',
                          (ROOT / script / "__main__.py").read_text(encoding="utf-8"))
            commands = launch["postRemoteConnectCommands"][0]["text"].split()
            self.assertTrue((ROOT / commands[1]).exists())
            seen.add(run.arch)
        self.assertEqual(seen, set(options.ARCHITECTURES))

    def test_the_container_installs_the_projects_one_list_of_packages(self):
        container = load(".devcontainer/devcontainer.json")["build"]
        context = (ROOT / ".devcontainer" / container["context"]).resolve()
        self.assertEqual(context, ROOT)
        text = (ROOT / ".devcontainer" / container["dockerfile"]).read_text(encoding="utf-8")
        copied = re.search(r"^COPY (.+) \S+$", text, re.MULTILINE).group(1).split()
        self.assertEqual(copied, ["tools/packages.txt", "tools/install.sh"])
        self.assertTrue(all((ROOT / name).exists() for name in copied))
        self.assertIn("tools/install.sh", re.search(r"^RUN cd .*$", text, re.MULTILINE).group())
        # What is there before the list is: what make and git need, no tool of the project's own.
        first = re.search(r"^RUN apt-get .*install (.*)$", text, re.MULTILINE).group(1).split()
        self.assertEqual([word for word in first if not word.startswith("-")],
                         ["git", "make", "python3", "ca-certificates"])


if __name__ == "__main__":
    unittest.main()
