"""What the browser tests share: looking at pages, clicking and typing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.site import build_site

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install selenium")

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
needed = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no browser: apt install chromium chromium-driver, or the like"
)


def written(folder: Path, report: dict[str, Any]) -> str:
    """Build the site of a report; return its address."""
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report))
    return build_site([folder / "report.json"], folder / "site", say=lambda _: None).as_uri()


def open_page(browser: Any, address: str) -> None:
    """Load a page from scratch, forgetting what was logged before."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(address)


def requests(browser: Any) -> list[str]:
    """Every address the page asked for."""
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


def names(browser: Any, table: str) -> list[str]:
    """Names of the rows that are shown, in order."""
    return browser.execute_script(
        "return [...document.querySelectorAll(`[id='${arguments[0]}'] tbody tr`)].filter(r => r.offsetParent)"
        ".map(r => r.querySelector('th').textContent)", table,
    )  # fmt: skip


def click(browser: Any, table: str, key: str) -> None:
    """Press the header of a column."""
    browser.find_element("css selector", f"[id='{table}'] th[data-k='{key}'] button").click()


def press(browser: Any, keys: str) -> None:
    """Type without aiming at a field."""
    webdriver.ActionChains(browser).send_keys(keys).perform()
