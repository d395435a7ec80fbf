#!/usr/bin/python3
"""make report makes every page, and its index leads to each.

What would break without it: a page that nobody finds, or that make report leaves out.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from report import index, page

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("timeline", "memory_map", "prove", "compare", "handbook")


class Report(unittest.TestCase):
    def test_the_index_leads_to_each_page_and_its_data_and_to_the_handbook(self):
        with tempfile.TemporaryDirectory(prefix="fathom-report-") as name:
            folder = pathlib.Path(name)
            page.write(folder / "proof-x86_64.html", "the proof, x86_64", "of a <kernel>", "")
            (folder / "proof-x86_64.json").write_text("{}", encoding="utf-8")
            page.write(folder / "compare.html", "every policy", "side by side", "")
            (folder / "foreign.html").write_text("<title>other</title>", encoding="utf-8")
            self.assertEqual(index.write(folder), 2)
            (folder / "handbook").mkdir()
            (folder / "handbook/index.html").write_text("<title>Fathom</title>", encoding="utf-8")
            self.assertEqual(index.write(folder), 3)
            text = (folder / index.INDEX).read_text(encoding="utf-8")
            leads = set(re.findall(r'href="([^":]+)"', text))
            self.assertEqual(leads, {"proof-x86_64.html", "proof-x86_64.json", "compare.html",
                                     "handbook/index.html"})
            self.assertTrue(all((folder / lead).exists() for lead in leads))
            self.assertIn("of a &lt;kernel&gt;", text)

    def test_no_two_pages_of_a_report_have_one_title(self):
        for tool in ("timeline", "memory_map"):
            text = (ROOT / "tools" / tool / "html_page.py").read_text(encoding="utf-8")
            self.assertRegex(text, r'page\.write\(path, f"[a-z ]+, \{arch\}"', tool)

    def test_make_report_runs_what_makes_each_page_and_the_index_last(self):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")}
        done = subprocess.run(["make", "-n", "--no-print-directory", "report"], cwd=ROOT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              env=environment, check=True)
        # A recursive line of make stands before what it makes, and ends with the index.
        lines = [line for line in done.stdout.splitlines() if "report/index.py" not in line]
        for tool in TOOLS:
            self.assertTrue(any(f"tools/{tool} " in line for line in lines), tool)
        for arch in ("x86_64", "aarch64"):
            self.assertTrue(any(f"timeline-{arch}" in line for line in lines), arch)
        whole = next(line for line in done.stdout.splitlines() if "report/index.py" in line)
        self.assertTrue(whole.rstrip().endswith("tools/report/index.py build/report"), whole)


if __name__ == "__main__":
    unittest.main()
