"""A headless browser for the tests of Fathom's pages: offline, and it tells of every complaint."""

import contextlib
import pathlib
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


@contextlib.contextmanager
def opened(page: pathlib.Path, width: int = 1400, height: int = 900, query: str = ""):
    """A driver with the page open and no way to any network: names resolve to nothing, and
    fetching anything at all shows up in complaints()."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--host-resolver-rules=MAP * ~NOTFOUND", f"--window-size={width},{height}",
                     "--force-color-profile=srgb"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="fathom-browser-") as profile:
        options.add_argument(f"--user-data-dir={profile}")
        driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        try:
            driver.set_window_size(width, height)
            driver.get(page.resolve().as_uri() + query)
            yield driver
        finally:
            driver.quit()


def wait_until(driver, script: str, seconds: float = 60.0):
    """The value of a script's expression once it is true of something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = driver.execute_script(f"return {script}")
        if value:
            return value
        time.sleep(0.1)
    raise SystemExit(f"FAILED: {script} did not become true\n{complaints(driver)}")


def complaints(driver) -> list[str]:
    """What the browser's console has said since it was last asked."""
    return [f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser")]


def expect(condition, what: str, seen: object = "") -> None:
    """A failed expectation ends the test, with what was seen."""
    if not condition:
        raise SystemExit(f"FAILED: {what}\n{seen}")
