"""Every kind of page on every usual screen, in both themes: nothing beside the screen, no fault, no request."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dumped
import pytest
from click.testing import CliRunner

from rarl_eval.commands.training import command
from rarl_eval.leaderboards.methods import explanations
from rarl_eval.nightly import history
from rarl_eval.site import build_site
from tests.leaderboards import runs
from tests.leaderboards.chrome import needed, open_page, requests
from tests.leaderboards.test_nights import night

support = pytest.importorskip("selenium.webdriver.support.ui", reason="selenium is not installed")
pytestmark = needed

WIDTHS = (390, 800, 1024, 1366, 1440, 1920)
THEMES = ("light", "dark")
PAGES = (
    "index.html", "tasks/made.html", "models/poor.html", "compare.html", "items/made.html", "items/made/q01.html",
    "audit.html", "history.html", "history/made.html", "methods.html", "trainings.html", "trainings/poor.html",
    "trainings/poor/step-25.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a site of two models with items, a scan, two nights, a training and a banner."""
    folder = tmp_path_factory.mktemp("screens")
    made = runs.made(folder, n=24, long=400)
    history.append(folder / "history", [night("2026-03-01", 0.8, task="made", model="good")], [])
    fallen = night("2026-03-02", 0.7, task="made", model="good", status="regression", reason="fell by 10 points")
    history.append(folder / "history", [fallen], [])
    dump = dumped.write_training(folder / "dump", 30, hole_from=22)
    arguments = [str(dump), "--verify", "number", "--out", str(folder / "watched")]
    CliRunner().invoke(command, arguments, standalone_mode=False)
    report = folder / "report/report.json"
    report.write_text(json.dumps(json.loads(report.read_text()) | {"synthetic": True}))  # for the banner
    index = build_site(
        made["reports"], folder / "site", runs=made["runs"], scans=made["scans"], history=folder / "history",
        trainings=[f"poor={folder / 'watched'}"], say=lambda _: None,
    )  # fmt: skip
    return index.as_uri().removesuffix("index.html")


@pytest.fixture
def screen(browser: Any) -> Iterator[Any]:
    """The browser, whose screen is its own again afterwards."""
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def look(browser: Any, width: int, theme: str) -> None:
    """Give the page a screen and a theme."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def drawn(browser: Any) -> None:
    """Wait until the page and what its scripts add are there."""
    ready = "return document.readyState === 'complete' && !document.querySelector('#grid[hidden]')"
    support.WebDriverWait(browser, 60).until(lambda b: b.execute_script(ready))


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_every_screen_and_ask_for_nothing(screen: Any, root: str, page: str) -> None:
    """From a telephone to a wide screen no page scrolls sideways, complains, or reads what is not the site's."""
    for theme in THEMES:
        look(screen, WIDTHS[0], theme)
        open_page(screen, root + page)
        drawn(screen)
        for width in WIDTHS:
            look(screen, width, theme)
            assert screen.execute_script("return document.documentElement.scrollWidth") <= width, (width, theme)
        assert screen.get_log("browser") == []
        assert all(url.startswith(root) for url in requests(screen))


@pytest.mark.skipif(
    find_spec("axe_core_python") is None, reason="axe-core is not installed: pip install axe-core-python"
)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_fault(screen: Any, root: str, page: str) -> None:
    """axe-core reports nothing of any level on a telephone or a laptop, with everything opened, in both themes."""
    (folder,) = find_spec("axe_core_python").submodule_search_locations  # type: ignore[union-attr,misc]
    axe = next(Path(folder).rglob("axe.min.js")).read_text("utf-8")
    for width, theme in ((390, "dark"), (1366, "light")):
        look(screen, width, theme)
        open_page(screen, root + page)
        drawn(screen)
        screen.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true })")
        screen.execute_script(axe)
        found = screen.execute_async_script("axe.run().then(r => arguments[0](r.violations))")
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], json.dumps([width, theme])


def keyed(browser: Any, *keys: str) -> str:
    """Press keys in the grid; return what it says then."""
    browser.find_element("css selector", "#grid canvas").send_keys(*keys)
    return browser.find_element("css selector", "#grid output").text


def test_the_grid_is_walked_by_keys_and_opens_answers(browser: Any, root: str) -> None:
    """Found items come first; arrows say model, item and verdict, Enter opens that answer."""
    open_page(browser, root + "tasks/made.html")
    drawn(browser)
    assert keyed(browser, "\ue012").startswith("good on q00: right, found in training data. What is 0 plus 0?")
    assert keyed(browser, "\ue010").startswith("good on q23: right. ")
    assert keyed(browser, "\ue015").startswith("poor on q23: wrong. ")
    assert keyed(browser, "\ue011", "\ue014").startswith("poor on q03: right, found in training data. ")
    support.Select(browser.find_element("css selector", "#grid select")).select_by_value("given")
    assert keyed(browser, "\ue014").startswith("poor on q02: wrong, found in training data. ")
    keyed_to = "items/made/q02.html#m-poor"
    browser.find_element("css selector", "#grid canvas").send_keys("\ue007")
    support.WebDriverWait(browser, 10).until(lambda b: b.current_url == root + keyed_to)
    opened = "return document.getElementById('m-poor').open"
    support.WebDriverWait(browser, 10).until(lambda b: b.execute_script(opened))


def test_the_grid_draws_a_cell_for_each_answer(browser: Any, root: str) -> None:
    """Right answers fill their cells, wrong ones their foot, and a mark stands above items that were found."""
    open_page(browser, root + "tasks/made.html")
    drawn(browser)
    inked = (
        "const c = document.querySelector('#grid canvas'), w = c.width / 24;"
        "const at = (x, y) => c.getContext('2d').getImageData(Math.floor(x * w + w / 2), y, 1, 1).data[3] > 0;"
        "return [at(0, 1), at(23, 1), at(0, 10), at(0, 19), at(23, 25), at(23, 34)]"
    )
    # Marks of the first and last item; good's first answer above and below; poor's last above and below.
    assert browser.execute_script(inked) == [True, False, True, True, False, True]


def test_without_scripts_a_task_has_its_list(browser: Any, root: str) -> None:
    """The grid is not there, the link to every item is."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, root + "tasks/made.html")
        assert not browser.find_element("id", "grid").is_displayed()
        assert browser.find_element("link text", "Every item and answer").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_headers_explain_themselves(browser: Any, root: str) -> None:
    """On focus a box says what the column is and leads to Methods; Escape takes it away."""
    open_page(browser, root + "index.html")
    browser.execute_script("document.querySelector('th[data-k=believed] button').focus()")
    support.WebDriverWait(browser, 10).until(lambda b: b.find_elements("id", "tip"))
    tip = browser.find_element("id", "tip")
    assert tip.text == "The accuracy a reader should believe, with its interval. Methods"
    assert tip.find_element("tag name", "a").get_attribute("href") == root + "methods.html#believed"
    assert browser.execute_script("return document.activeElement.getAttribute('aria-describedby')") == "tip"
    browser.switch_to.active_element.send_keys("\ue00c")
    assert not tip.is_displayed()
    browser.find_element("css selector", "th[data-k=accuracy] button").click()
    support.WebDriverWait(browser, 10).until(lambda b: tip.text.startswith("Mean over items of the share"))


def test_every_header_has_an_explanation(root: str) -> None:
    """Whatever a table holds, its columns say what they are."""
    known = explanations()
    for page in Path(root.removeprefix("file://")).rglob("*.html"):
        headers = re.findall(r'data-k="([^"]+)"(?: data-m="([^"]+)")?', page.read_text())
        assert [(key, method) for key, method in headers if (method or key) not in known] == [], page


def test_two_answers_stand_side_by_side(browser: Any, root: str) -> None:
    """An address with two answers opens both, in one frame above the others; Compare leads there."""
    open_page(browser, root + "compare.html#models=m-good,m-poor&flips=made*m-good*m-poor")
    support.WebDriverWait(browser, 30).until(lambda b: b.find_elements("css selector", "#flips li a"))
    link = browser.find_element("css selector", "#flips li a").get_attribute("href")
    assert link == root + "items/made/q01.html#m-good,m-poor"
    open_page(browser, link)
    support.WebDriverWait(browser, 30).until(lambda b: b.find_elements("css selector", ".beside"))
    shown = browser.execute_script("return [...document.querySelectorAll('.beside > [open]')].map(a => a.id)")
    assert shown == ["m-good", "m-poor"]
