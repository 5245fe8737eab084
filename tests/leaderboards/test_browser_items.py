"""Items, comparisons and nights in a real browser, opened from a file; hostile outputs; accessibility."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.nightly import history
from rarl_eval.site import build_site
from tests.leaderboards import runs
from tests.leaderboards.chrome import names, needed, open_page, press, requests
from tests.leaderboards.test_nights import night

support = pytest.importorskip("selenium.webdriver.support.ui", reason="selenium is not installed")
pytestmark = needed


def with_history(folder: Path, **options: Any) -> str:
    """Address of a site of made runs with a scan and two nights."""
    made = runs.made(folder, **options)
    history.append(folder / "history", [night("2026-03-01", 0.8, task="made", model="good")], [])
    fallen = night("2026-03-02", 0.7, task="made", model="good", status="regression", reason=runs.HOSTILE[0])
    history.append(folder / "history", [fallen], [])
    index = build_site(
        made["reports"], folder / "site", runs=made["runs"], scans=made["scans"], history=folder / "history",
        base_url="https://example.org/", say=lambda _: None,
    )  # fmt: skip
    return index.as_uri().removesuffix("index.html")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A site of 12 items with long reasoning."""
    return with_history(tmp_path_factory.mktemp("site"), n=12, long=4000)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A site whose questions, answers, verdicts and evidence are attacks."""
    return with_history(tmp_path_factory.mktemp("hostile"), n=len(runs.HOSTILE), texts=runs.HOSTILE, long=4000)


def wait(browser: Any, script: str) -> Any:
    """Wait until a script returns something true."""
    return support.WebDriverWait(browser, 60).until(lambda b: b.execute_script(f"return {script}"))


PAGES = [
    "items/made.html",
    "items/made/q01.html",
    "compare.html",
    "history.html",
    "history/made.html",
    "tasks/made.html",
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_without_complaint_or_request(browser: Any, root: str, page: str):
    """The console stays empty, and only the site's own files are read."""
    open_page(browser, root + page)
    wait(browser, "document.readyState === 'complete'")
    assert browser.get_log("browser") == []
    assert all(url.startswith(root) for url in requests(browser))


def test_a_list_is_chosen_from_and_its_address_keeps_it(browser: Any, root: str):
    """Model, verdict, scan, words and order choose; the address brings the choice back; items link to the answer."""
    open_page(browser, root + "items/made.html#model=m-poor&verdict=W")
    wait(browser, "document.getElementById('count')")
    wrong = [f"q{i:02d}" for i in range(12) if i % 3]
    assert names(browser, "items-made") == wrong
    assert browser.find_element("id", "count").text == "8 of 12"
    support.Select(browser.find_element("id", "scan")).select_by_value("flagged")
    assert names(browser, "items-made") == [name for name in wrong if name < "q06"]
    browser.find_element("id", "q").send_keys("5 plus")
    assert names(browser, "items-made") == ["q05"]
    assert browser.current_url.endswith("#model=m-poor&verdict=W&scan=flagged&q=5+plus")
    open_page(browser, browser.current_url)
    wait(browser, "document.getElementById('count')")
    assert names(browser, "items-made") == ["q05"]
    browser.find_element("link text", "q05").click()
    wait(browser, "document.getElementById('m-poor').open")
    assert browser.current_url.endswith("items/made/q05.html#m-poor")


def test_hard_items_come_first_when_asked(browser: Any, root: str):
    """Items that fewer models got right stand above the others, in the benchmark's order among themselves."""
    open_page(browser, root + "items/made.html#order=hard")
    wait(browser, "document.getElementById('count')")
    found = names(browser, "items-made")
    assert found == [f"q{i:02d}" for i in (1, 2, 4, 5, 7, 8, 10, 11, 0, 3, 6, 9)]


def test_a_long_text_is_read_when_asked(browser: Any, root: str):
    """The page shows beginning and end; the button brings the whole without a request elsewhere."""
    open_page(browser, root + "items/made/q01.html#m-good")
    wait(browser, "document.getElementById('m-good').open")
    read = "document.querySelector('#m-good .fold pre').textContent.length"
    assert browser.execute_script(f"return {read}") < 10_000
    browser.find_element("css selector", "#m-good > .whole").click()
    wait(browser, f"{read} === 20008")
    assert browser.get_log("browser") == []


def test_keys_go_from_item_to_item(browser: Any, root: str):
    """j and k go to the next and the previous item, o opens every answer, slash goes to the search of a list."""
    open_page(browser, root + "items/made/q01.html")
    press(browser, "o")
    wait(browser, "document.querySelectorAll('details.answer[open]').length === 2")
    press(browser, "j")
    wait(browser, "location.pathname.endsWith('q02.html')")
    press(browser, "k")
    wait(browser, "location.pathname.endsWith('q01.html')")
    open_page(browser, root + "items/made.html")
    wait(browser, "document.getElementById('count')")
    press(browser, "/")
    wait(browser, "document.activeElement.id === 'q'")


def test_models_are_compared_as_chosen(browser: Any, root: str):
    """Two models give a row a task; the items that one alone got right are listed and linked."""
    open_page(browser, root + "compare.html")
    wait(browser, "document.getElementById('chosen')")
    assert names(browser, "chosen") == ["made"]
    assert "+66.7" in browser.find_element("id", "chosen").text
    browser.find_element("css selector", "#chosen button").click()
    wait(browser, "document.querySelectorAll('.flips').length === 2")
    title, other = (e.text for e in browser.find_elements("css selector", ".flips h2"))
    assert title == "8 items of made that good gets right and poor does not"
    assert other.startswith("0 items")
    assert browser.current_url.endswith("#models=m-good%2Cm-poor&flips=made*m-good*m-poor")
    browser.find_element("css selector", "#models input").click()
    assert names(browser, "chosen") == []
    assert browser.get_log("browser") == []


@pytest.mark.parametrize(
    "address", ["items/made.html#model=%&verdict=x", "items/made/q01.html#%E0%A4%A", "compare.html#models=x,y&flips=*"]
)
def test_a_broken_address_does_no_harm(browser: Any, root: str, address: str):
    """Whatever stands behind the sign, the page opens without complaint."""
    open_page(browser, root + address)
    wait(browser, "document.readyState === 'complete'")
    assert browser.get_log("browser") == []


def test_hostile_outputs_are_inert(browser: Any, hostile: str):
    """On every item's page, whole texts shown: nothing runs, nothing is asked for, nothing leaves its place."""
    for i in range(len(runs.HOSTILE)):
        open_page(browser, f"{hostile}items/made/q{i:02d}.html#m-good")
        wait(browser, "document.getElementById('m-good').open")
        for button in browser.find_elements("css selector", "#m-good > .whole"):
            button.click()
        assert browser.get_log("browser") == [], runs.HOSTILE[i][:60]
        assert all(url.startswith(hostile) for url in requests(browser))
        assert browser.title == f"made q{i:02d} · Reasoning leaderboard"
        assert browser.execute_script("return document.querySelectorAll('main h1, main iframe, main form').length") == 1
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    for page in ("items/made.html", "compare.html", "history.html", "history/made.html"):
        open_page(browser, hostile + page)
        wait(browser, "document.readyState === 'complete'")
        assert browser.get_log("browser") == []


@pytest.fixture
def no_scripts(browser: Any) -> Iterator[None]:
    """The browser without JavaScript."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.usefixtures("no_scripts")
def test_without_scripts_items_answers_and_pairs_read(browser: Any, root: str):
    """Lists are tables, answers open by a click, comparisons and nights stand there."""
    open_page(browser, root + "items/made.html")
    assert "What is 5 plus 5?" in browser.find_element("id", "items-made").text
    browser.find_element("link text", "q05").click()
    answer = browser.find_element("id", "m-good")
    answer.find_element("tag name", "summary").click()
    assert "last number" in answer.text
    open_page(browser, root + "compare.html")
    assert "+66.7" in browser.find_element("id", "c-made").text
    open_page(browser, root + "history/made.html")
    assert browser.find_elements("css selector", "svg.nights")
