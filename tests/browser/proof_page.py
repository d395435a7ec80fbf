#!/usr/bin/python3
"""The proof of a built kernel as a page, in a real browser: what it says agrees with itself, and
nothing covers anything.

What would break without it: calls that are shown with the depth that they have on another kind of
stack, a heading with nothing below it, numbers that nobody can read, tests before the kernel.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import browser
from browser import expect

# For each section: its name, its deepest way, its calls, the headings without anything below.
READ = """
return [...document.querySelectorAll('details.section')].map((section) => ({
  name: section.querySelector('.name').textContent,
  number: section.querySelector('.number').textContent,
  way: [...section.querySelectorAll('.way > li')].map((li) => li.textContent),
  calls: [...section.querySelectorAll('.calls:not(.way) li')].map((li) => ({
    text: li.querySelector('span').textContent + ': ' + li.querySelector('small').textContent,
    depth: parseInt(li.querySelector('small').textContent) || 0,
    caller: parseInt(li.parentNode.parentNode.querySelector(':scope > small')?.textContent) })),
  bare: [...section.querySelectorAll('h4')].filter((h) => !h.nextElementSibling?.matches('ul, p'))
    .map((h) => h.textContent) }))
"""
# Boxes of one row that cover each other, and text that is wider than its box.
COVERED = """
const bad = [];
for (const row of document.querySelectorAll('details.section > summary')) {
  const boxes = [...row.children].map((child) => child.getBoundingClientRect());
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 &&
        b.top < a.bottom - 1) bad.push(row.textContent); }));
  if ([...row.children].some((child) => child.scrollWidth > child.clientWidth + 1 &&
      child.clientWidth)) bad.push(row.textContent);
}
return bad
"""


def check_sections(sections):
    """The tree of calls holds the deepest way, and no callee goes deeper than its caller."""
    expect(len(sections) > 80, "the kernel's sections are there", len(sections))
    for section in sections:
        name = section["name"]
        expect(section["bare"] == [], f"{name}: no bare heading", section["bare"])
        calls = {call["text"] for call in section["calls"]}
        for step in section["way"]:
            if " calls " in step:
                called = step.partition(" calls ")[2].replace(": 0 bytes", ": touches no stack")
                expect(called in calls, f"{name}: its calls hold its deepest way", called)
        for call in section["calls"]:
            expect(call["caller"] is None or call["depth"] <= call["caller"],
                   f"{name}: no callee is deeper than its caller", call)
    mapped = next(one for one in sections if one["name"] == "mm::map_page")
    expect(any(call["depth"] > 200 for call in mapped["calls"]), "mm::map_page goes deep", mapped)


def check_tests_last(driver, sections):
    kinds = [section["name"].startswith("test \u201c") for section in sections]
    expect(any(kinds) and not kinds[0], "tests are named by their sentences", kinds)
    expect(not any("kernel_test_" in section["name"] for section in sections), "all of them")
    headings = driver.execute_script(
        "return [...document.querySelectorAll('h2')].map((h) => [h.textContent,"
        "h.nextElementSibling.querySelector('.name').textContent])")
    expect(len(headings) == 2 and "tests" in headings[1][0], "tests come last", headings)


def check(page):
    for width in (1280, 900, 480):
        with browser.opened(page, width, 900) as driver:
            sections = driver.execute_script(READ)
            check_sections(sections)
            check_tests_last(driver, sections)
            covered = driver.execute_script(COVERED)
            expect(covered == [], f"nothing covers anything at {width} px", covered[:3])
            driver.execute_script("document.querySelectorAll('details')"
                                  ".forEach((details) => { details.open = true; })")
            wide, window = driver.execute_script(
                "return [document.documentElement.scrollWidth, innerWidth]")
            expect(wide <= window, "no sideways scrolling", (width, wide, window))
            expect(browser.complaints(driver) == [], "the console is silent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--elf", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-proof-page-") as name:
        page = pathlib.Path(name) / "proof.html"
        subprocess.run([sys.executable, str(browser.ROOT / "tools" / "prove"), "--quiet", "--elf",
                        str(arguments.elf), "--html", str(page)], check=True)
        check(page)
    print("ok: the page of the proof can be read")


if __name__ == "__main__":
    main()
