#!/usr/bin/python3
"""The memory map of a fixed run, in a real browser; and the index over both pages.

What would break without it: stacks drawn with pages that are not there, frames counted twice, an
index that forgets a page, a page that does not fit a narrow window.
"""

import argparse
import contextlib
import io
import pathlib
import tempfile

from selenium.webdriver.common.by import By

import browser
from browser import expect

# pylint: disable=wrong-import-position
from memory_map import __main__ as command, snapshot
from report import index
from run import options as run_options

RAM_FRAMES = (32 << 20) // 4096
SEARCHERS = 16
RUN = ("--smp", "2", "--mem", "32M", "--args", f"run=search threads={SEARCHERS}")


def take(arch, images, preset, label):
    build = images / f"{arch}-{preset}"
    options = run_options.parse(["--arch", arch, "--build", str(build), *RUN])
    options.log = build / "logs" / "memory_page.log"
    return snapshot.take(options, label, command.AT, command.HIT)


def check_snapshots(lazy, eager):
    """Eager stacks are whole, lazy ones are not; each frame is counted once."""
    for taken in (lazy, eager):
        counted = sum(count for _, count in taken.frames)
        expect(counted == RAM_FRAMES, "every frame has one use", (taken.label, counted))
        searchers = [stack for stack in taken.stacks if stack.name == "search"]
        expect(len(searchers) >= SEARCHERS - command.HIT, "searchers are alive", taken.stacks)
        in_stacks = sum(count for stack in taken.stacks if stack.application
                        for _, count in stack.populated)
        frames = sum(count for use, count in taken.frames if use == snapshot.LAZY)
        # Stacks that are kept for the next thread have frames and no thread.
        expect(in_stacks <= frames, "stack pages are frames of stacks", (in_stacks, frames))
        for stack in taken.stacks:
            if not stack.application or taken is eager:
                expect(sum(count for _, count in stack.populated) >= stack.pages,
                       "populated stacks are whole", stack)
            elif stack.name == "search":
                pages = sum(count for _, count in stack.populated)
                expect(1 <= pages < stack.pages, "lazy stacks are not", stack)


def check_page(page, lazy):
    with browser.opened(page) as driver:
        browser.wait_until(driver, "memoryMap !== null")
        rows = driver.execute_script("return document.querySelectorAll('#stacks svg').length")
        expect(rows == 2, "lazy and eager stand beside each other", rows)
        drawn = driver.execute_script(
            "return document.querySelectorAll('#stacks svg')[0]"
            ".querySelectorAll('.strip-populated, .strip-kernel').length")
        runs = sum(len(stack.populated) for stack in lazy.stacks)
        expect(drawn == runs, "each run of pages is drawn", (drawn, runs))
        text = driver.find_element(By.ID, "sums").text
        expect("promised" in text and "MiB" in text, "the sums are told", text)
        expect(browser.complaints(driver) == [], "the console is silent")
    with browser.opened(page, 420, 800) as driver:
        browser.wait_until(driver, "memoryMap !== null")
        wide, window = driver.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth]")
        expect(wide <= window, "a narrow window needs no sideways scrolling", (wide, window))


def check_index(folder, arch):
    expect(index.write(folder) == 1, "the index finds the page")
    with browser.opened(folder / "index.html") as driver:
        links = [link.text for link in driver.find_elements(By.TAG_NAME, "a")]
        expect(links == [f"memory of a run, {arch}"], "and links to it", links)
        expect(browser.complaints(driver) == [], "the console is silent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--images", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    with contextlib.redirect_stderr(io.StringIO()) as told:
        lazy = take(arguments.arch, arguments.images, "release", "lazy (the rules)")
        eager = take(arguments.arch, arguments.images, "eager", "eager")
    expect(told.getvalue() == "", "QEMU's word on a stopped machine is kept back", told.getvalue())
    check_snapshots(lazy, eager)
    with tempfile.TemporaryDirectory(prefix="fathom-memory-page-") as name:
        page = pathlib.Path(name) / "memory.html"
        done = command.main(["--out", str(page), "--arch", arguments.arch, *RUN])
        expect(done == 0, "the command ends well", done)
        check_page(page, lazy)
        check_index(pathlib.Path(name), arguments.arch)
    print("ok: the memory map shows the machine")


if __name__ == "__main__":
    main()
