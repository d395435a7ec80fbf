#!/usr/bin/python3
"""The timeline of a fixed run, in a real browser: what is on it, and that one can move in it.

What would break without it: a page that asks the network for something, a console error, events
that are lost between the rings and the picture, zooming that moves to somewhere else, a page that
cannot be used once there are many events.
"""

import argparse
import json
import pathlib
import re
import statistics
import tempfile

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import browser
from browser import expect

# pylint: disable=wrong-import-position
from timeline import __main__ as command

SEARCHERS, PARKED = 16, 64
SLOWEST_DRAW_MS = 150


def run(arguments, folder, args, mem="256M"):
    """(lines of the log, the page, the trace JSON) of a run."""
    log = folder / "serial.log"
    done = command.main(["--out", str(folder / "timeline"), "--arch", arguments.arch,
                         "--build", str(arguments.build), "--smp", "4", "--mem", mem,
                         "--args", args, "--log", str(log), "--timeout", "300", "--quiet"])
    expect(done == 0, "the run passes", done)
    return log.read_text(errors="replace"), folder / "timeline.html", folder / "timeline.json"


def check_events(driver, log):
    """The page holds the run: threads by name, and as many faults as the kernel has counted."""
    names = driver.execute_script("return timeline.data.threads.name")
    expect(names.count("search") == SEARCHERS, f"{SEARCHERS} searchers", names)
    expect(names.count("parked") == PARKED, f"{PARKED} parked threads", names)
    counted = int(re.search(r"stack faults +([\d,]+)", log).group(1).replace(",", ""))
    shown = driver.execute_script(
        "const { faults, threads } = timeline.data;"
        "return faults.thread.filter((t) => threads.name[t] === 'search').length")
    expect(shown == counted, "the searchers' faults are those that the kernel counted",
           (shown, counted))
    places = driver.execute_script("return timeline.data.places.map((place) => place.join(' '))")
    expect(any(place.startswith("Semaphore::wait kernel/sync/semaphore.cpp:") for place in places),
           "sections have places", places)
    rules = driver.execute_script("return [...new Set(timeline.data.sections.what)].sort()")
    expect({1, 3, 4, 5} <= set(rules), "sections of rules 1, 3, 4 and 5", rules)


def check_zoom(driver):
    """Wheel, keys and buttons zoom; the time under the pointer stays where it is."""
    whole = driver.execute_script("return [timeline.view.t0, timeline.view.t1]")
    tracks = driver.find_element(By.ID, "tracks").rect
    x, y = tracks["x"] + 700, tracks["y"] + 60
    before = driver.execute_script(f"return timeline.timeAt({x} - {tracks['x']})")
    driver.execute_cdp_cmd("Input.dispatchMouseEvent", {
        "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": -1200, "modifiers": 2})
    browser.wait_until(driver, f"timeline.view.t1 - timeline.view.t0 < {whole[1] / 5}")
    after = driver.execute_script(f"return timeline.timeAt({x} - {tracks['x']})")
    expect(abs(after - before) < whole[1] / 500, "the zoom is about the pointer", (before, after))
    length = driver.execute_script("return timeline.view.t1 - timeline.view.t0")
    driver.find_element(By.ID, "view").send_keys("w")
    browser.wait_until(driver, f"timeline.view.t1 - timeline.view.t0 < {length * 0.7}")
    driver.find_element(By.ID, "fit").click()
    browser.wait_until(driver, f"timeline.view.t1 === {whole[1]} && timeline.view.t0 === 0")


def check_search_and_hover(driver):
    """A search finds every fault, and steps to it; what is under the pointer is described."""
    field = driver.find_element(By.ID, "search")
    field.send_keys("stack fault")
    faults = driver.execute_script("return timeline.data.faults.time.length")
    expect(driver.find_element(By.ID, "hits").text == f"{faults:,} found", "all faults are found",
           driver.find_element(By.ID, "hits").text)
    field.send_keys(Keys.ENTER)
    text = driver.find_element(By.ID, "details").text
    expect("stack fault of" in text and "page" in text, "the first hit is described", text)
    time, begin, end = driver.execute_script(
        "return [timeline.data.faults.time[0], timeline.view.t0, timeline.view.t1]")
    expect(begin < time < end, "and shown", (begin, time, end))
    field.clear()
    field.send_keys(Keys.ESCAPE)
    driver.execute_script("timeline.search(''); timeline.box.scrollTop = 0;"
                          "timeline.show(0, timeline.data.length)")
    hit = driver.execute_script(
        "const row = timeline.layout.rows.find((row) => row.kind === 'run' && row.cpu === 0);"
        "return [timeline.painter.x(row.lanes[0].begin[0]) + 20, row.y + 34]")
    tracks = driver.find_element(By.ID, "tracks")
    ActionChains(driver).move_to_element_with_offset(
        tracks, hit[0] - tracks.size["width"] / 2, hit[1] - tracks.size["height"] / 2).perform()
    tip = browser.wait_until(driver,
                             "document.querySelector('.tooltip:not([hidden])')?.textContent")
    expect("runs on CPU 0" in tip, "hovering describes a span", tip)


def check_trace_json(path, driver):
    """The trace JSON holds the same spans, and the slices of a track nest, as viewers demand."""
    events = json.loads(path.read_text())["traceEvents"]
    faults = [event for event in events if event["ph"] == "i"]
    expect(len(faults) == driver.execute_script("return timeline.data.faults.time.length"),
           "as many faults as the page", len(faults))
    tracks = {}
    for event in events:
        if event["ph"] == "X":
            tracks.setdefault((event["pid"], event["tid"]), []).append(event)
    for track, slices in tracks.items():
        open_until = []
        for one in sorted(slices, key=lambda one: (one["ts"], -one["dur"])):
            end = one["ts"] + one["dur"]
            while open_until and open_until[-1] <= one["ts"] + 1e-6:
                open_until.pop()
            expect(not open_until or end <= open_until[-1] + 1e-6, f"slices nest on {track}", one)
            open_until.append(end)


def draw_at_each_zoom(driver):
    """The milliseconds that drawing takes, from the whole run to a small part of it."""
    return driver.execute_async_script(
        "const done = arguments[0]; const draws = [];"
        "const step = () => { draws.push(timeline.milliseconds);"
        "  if (draws.length === 24) { done(draws); return; }"
        "  timeline.zoom(0.7); requestAnimationFrame(() => requestAnimationFrame(step)); };"
        "step()")


def check_many(arguments, folder):
    """200,000 events and more: the page loads, draws fast enough at every zoom, finds things."""
    _, page, _ = run(arguments, folder, "run=search,park park=9000")
    with browser.opened(page) as driver:
        events = browser.wait_until(driver, "timeline && timeline.milliseconds && "
                                            "timeline.data.events")
        expect(events >= 200_000, "200,000 events", events)
        draws = draw_at_each_zoom(driver)
        expect(statistics.median(draws) < SLOWEST_DRAW_MS, "a picture is drawn fast", draws)
        found = driver.execute_script(
            "timeline.search('rule 4'); return timeline.found.list.length")
        expect(found > 10_000, "the search finds sections", found)
        expect(browser.complaints(driver) == [], "no complaints")
        print(f"{events} events, {page.stat().st_size >> 10} KiB, a draw takes "
              f"{statistics.median(draws):.0f} ms, at most {max(draws):.0f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--build", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-timeline-") as name:
        folder = pathlib.Path(name)
        log, page, trace = run(arguments, folder, f"run=search,park park={PARKED} "
                                                  f"threads={SEARCHERS}")
        with browser.opened(page) as driver:
            browser.wait_until(driver, "timeline && timeline.drawn > 0")
            check_events(driver, log)
            check_zoom(driver)
            check_search_and_hover(driver)
            check_trace_json(trace, driver)
            complaints = browser.complaints(driver)
            expect(complaints == [], "the console is silent", complaints)
        check_many(arguments, folder)
    print("ok: the timeline shows the run")


if __name__ == "__main__":
    main()
