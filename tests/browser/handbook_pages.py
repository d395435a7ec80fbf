#!/usr/bin/python3
"""The handbook in a real browser: every page is silent, every link leads somewhere, and a narrow
window has its menu.

What would break without it: scripts that the theme asks for and the distribution names otherwise,
links that turn into plain words, a menu that does not open.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

from selenium.webdriver.common.by import By

import browser
from browser import expect

NARROW = 600


def check_pages(site):
    """Each page's console, pictures and links."""
    pages = sorted(site.rglob("*.html"))
    expect(len(pages) > 40, "docs/ and labs/ are there", len(pages))
    with browser.opened(site / "index.html") as driver:
        for page in pages:
            if page.name == "404.html":
                continue  # it is for a server, whose paths begin at its root
            driver.get(page.as_uri())
            complaints = browser.complaints(driver)
            expect(complaints == [], f"{page.name} is silent", complaints)
            broken = driver.execute_script(
                "return [...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)")
            expect(broken == [], f"the pictures of {page.name} are there", broken)
            links = driver.execute_script("return [...document.links].map((link) => link.href)")
            for link in links:
                target = urllib.parse.urlparse(link)
                there = target.scheme != "file" or pathlib.Path(
                    urllib.parse.unquote(target.path)).is_file()
                expect(there, f"a link of {page.name} leads somewhere", link)


def check_words(site):
    """Links between the folders of the repository are links here, too."""
    for page, target in (("book/labs.html", "labs/index.html"), ("index.html", "lint.html"),
                         ("book/rule-4.html", "rules.html"),
                         ("labs/2-the-gap/index.html", "panics.html")):
        with browser.opened(site / page) as driver:
            links = driver.execute_script(
                "return [...document.querySelectorAll('[role=main] a')].map((link) => link.href)")
            wanted = (site / target).resolve().as_uri()
            expect(wanted in [link.partition("#")[0] for link in links],
                   f"the text of {page} links to {target}", links)


def check_narrow(site):
    """The menu is hidden, opens by its button, and leads to another page."""
    with browser.opened(site / "index.html", NARROW, 800) as driver:
        menu = driver.find_element(By.CSS_SELECTOR, "nav.wy-nav-side")
        expect(menu.rect["x"] < 0, "a narrow window hides the menu", menu.rect)
        driver.find_element(By.CSS_SELECTOR, "[data-toggle=wy-nav-top]").click()
        browser.wait_until(
            driver, "document.querySelector('nav.wy-nav-side').getBoundingClientRect().x >= 0")
        link = driver.find_element(By.CSS_SELECTOR, "nav.wy-nav-side a[href='rules.html']")
        driver.execute_script("arguments[0].scrollIntoView()", link)
        link.click()
        browser.wait_until(driver, "location.pathname.endsWith('rules.html')")
        wide, window = driver.execute_script(
            "return [document.documentElement.scrollWidth, innerWidth]")
        expect(wide <= window, "and needs no sideways scrolling", (wide, window))
        expect(browser.complaints(driver) == [], "the console is silent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--site", type=pathlib.Path, help="a handbook that is built already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-handbook-pages-") as name:
        site = arguments.site or pathlib.Path(name)
        if arguments.site is None:
            subprocess.run([sys.executable, str(browser.ROOT / "tools" / "handbook"), name],
                           check=True)
        check_pages(site.resolve())
        check_words(site.resolve())
        check_narrow(site.resolve())
    print("ok: the handbook can be read and walked through")


if __name__ == "__main__":
    main()
