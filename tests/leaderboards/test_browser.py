"""The site in a real browser, opened from a file: no complaint, no request, and every control does its work."""

from pathlib import Path
from typing import Any

import pytest

from tests.leaderboards import reports
from tests.leaderboards.chrome import click, names, needed, open_page, press, requests, written

support = pytest.importorskip("selenium.webdriver.support.ui", reason="selenium is not installed")
pytestmark = needed


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a site of 22 models on 6 tasks."""
    return written(tmp_path_factory.mktemp("site"), reports.report(22, 6))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a site whose every text is an attack."""
    return written(tmp_path_factory.mktemp("hostile"), reports.hostile())


@pytest.mark.parametrize("page", ["index.html", "tasks/gsm8k.html", "models/Athene-70B.html", "methods.html"])
def test_pages_open_without_complaint_or_request(browser: Any, index: str, page: str):
    """The console stays empty, and only the site's own files are read."""
    root = index.removesuffix("index.html")
    open_page(browser, root + page)
    assert browser.get_log("browser") == []
    asked = requests(browser)
    assert {root + page, f"{root}static/site.css", f"{root}static/site.js"} <= set(asked)
    assert all(url.startswith(root) for url in asked)


def test_hostile_names_stay_text(browser: Any, hostile: str):
    """No dialog opens, no script runs, nothing is asked for, and the policy would forbid it anyway."""
    open_page(browser, hostile)
    assert browser.get_log("browser") == []
    assert all(url.startswith(hostile.removesuffix("index.html")) for url in requests(browser))
    assert browser.execute_script("return document.scripts.length") == 3
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert browser.execute_script("return window.ran === undefined")
    assert "Content Security Policy" in browser.get_log("browser")[0]["message"]
    browser.find_element("id", "filter").send_keys("<script>")
    assert (
        names(browser, "b-gsm8k") == ["<script>alert(1)</script>", "</script><script>"]
        or len(names(browser, "b-gsm8k")) == 2
    )


def test_headers_sort_and_the_address_keeps_it(browser: Any, index: str):
    """Best first, then worst first, unknown last either way; the address brings the order back."""
    rows = [row for row in reports.report(22, 6)["rows"] if row["task"] == "gsm8k"]
    expected = [r["model"] for r in sorted(rows, key=lambda r: r["length"]["per_correct"])]
    open_page(browser, index)
    usual = names(browser, "b-gsm8k")
    click(browser, "b-gsm8k", "per_correct")
    assert names(browser, "b-gsm8k") == expected[::-1]
    click(browser, "b-gsm8k", "per_correct")
    assert names(browser, "b-gsm8k") == expected
    header = browser.find_element("css selector", "[id='b-gsm8k'] th[data-k='per_correct']")
    assert header.get_attribute("aria-sort") == "ascending"
    assert len(browser.find_elements("css selector", "[id='b-gsm8k'] th[aria-sort]")) == 1
    address = browser.current_url
    assert address.endswith("#t-gsm8k?sort=b-gsm8k*per_correct*ascending")
    open_page(browser, address)
    assert names(browser, "b-gsm8k") == expected
    assert names(browser, "b-svamp") != expected
    browser.execute_script("location.hash = ''")
    support.WebDriverWait(browser, 5).until(lambda b: names(b, "b-gsm8k") == usual)


def test_unknown_values_sort_last_both_ways(browser: Any, tmp_path: Path):
    """A dash is never taken for a number."""
    report = reports.report(3, 1)
    for row, gain in zip(report["rows"], (-0.01, None, 0.02), strict=True):
        row["gain"] = gain and {"value": gain, "low": None, "high": None}
    low, unknown, high = (row["model"] for row in report["rows"])
    open_page(browser, written(tmp_path, report))
    click(browser, "b-gsm8k", "gain")
    assert names(browser, "b-gsm8k") == [high, low, unknown]
    click(browser, "b-gsm8k", "gain")
    assert names(browser, "b-gsm8k") == [low, high, unknown]


def test_names_sort_as_people_count(browser: Any, index: str):
    """By name upwards first, digits by value and case ignored."""
    open_page(browser, index)
    click(browser, "overview", "model")
    found = names(browser, "overview")
    assert found[:2] == ["Athene-70B", "claude-3-5-sonnet-20240620"]
    assert found.index("gemma-2-9b-it") < found.index("gemma-2-27b-it@together")


def test_filter_keeps_rows_in_every_table(browser: Any, index: str):
    """Words must all match, commas separate alternatives; the count is said and Escape brings all rows back."""
    open_page(browser, index)
    field = browser.find_element("id", "filter")
    field.send_keys("gpt mini, ATHENE")
    for table in ("overview", "b-gsm8k", "b-svamp"):
        assert sorted(names(browser, table)) == ["Athene-70B", "gpt-4o-mini-2024-07-18"]
    assert browser.find_element("id", "shown").text == "2 of 22"
    assert "q=gpt+mini%2C+ATHENE" in browser.current_url
    open_page(browser, browser.current_url)
    assert len(names(browser, "overview")) == 2
    browser.find_element("id", "filter").send_keys("\ue00c")
    assert len(names(browser, "overview")) == 22
    assert "q=" not in browser.current_url


def test_domain_shows_its_tasks_alone(browser: Any, index: str):
    """Sections of other domains go, and the address keeps the choice."""
    open_page(browser, index)
    support.Select(browser.find_element("id", "domain")).select_by_value("code")
    assert names(browser, "b-humaneval")
    assert not names(browser, "b-gsm8k")
    open_page(browser, browser.current_url)
    assert not names(browser, "b-gsm8k")


def test_permalink_scrolls_to_its_section(browser: Any, index: str):
    """An address with a section and a filter shows that section."""
    open_page(browser, index + "#t-svamp?q=gpt")
    assert len(names(browser, "b-svamp")) == 2
    position = "return Math.abs(document.getElementById('t-svamp').getBoundingClientRect().top)"
    support.WebDriverWait(browser, 5).until(lambda b: b.execute_script(position) < 100)


@pytest.mark.parametrize("address", ["#t-none?q=%", "#?sort=x*y*z&sort=b-gsm8k*none*ascending&domain=none", "#%00%ff?"])
def test_a_broken_address_does_no_harm(browser: Any, index: str, address: str):
    """Whatever stands behind the sign, the page opens without complaint."""
    open_page(browser, index + address)
    assert browser.get_log("browser") == []
    assert len(names(browser, "b-humaneval")) in {0, 22}


def test_theme_follows_the_system_until_it_is_chosen(browser: Any, index: str):
    """The button turns light to dark, and the next page remembers."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
    )
    paper = "return getComputedStyle(document.body).backgroundColor"
    open_page(browser, index)
    light = browser.execute_script(paper)
    browser.find_element("id", "theme").click()
    dark = browser.execute_script(paper)
    assert (light, dark) == ("rgb(252, 252, 250)", "rgb(22, 24, 27)")
    open_page(browser, index.replace("index.html", "methods.html"))
    assert browser.execute_script(paper) == dark
    press(browser, "t")
    assert browser.execute_script(paper) == light
    assert browser.find_element("id", "theme").text == "Dark"


def test_keys_reach_everything(browser: Any, index: str):
    """Slash goes to the filter, brackets from table to table, Tab and Enter sort."""
    open_page(browser, index)
    focused = "return document.activeElement.id || document.activeElement.getAttribute('aria-labelledby')"
    press(browser, "/")
    assert browser.execute_script(focused) == "filter"
    press(browser, "t]\ue00c")
    assert browser.find_element("id", "filter").get_attribute("value") == ""
    press(browser, "]")
    assert browser.execute_script(focused) == "overview-c"
    press(browser, "]")
    assert browser.execute_script(focused) == "b-aime24-c"
    press(browser, "[")
    assert browser.execute_script(focused) == "overview-c"
    browser.execute_script("document.querySelector('#overview th[data-k=model] button').focus()")
    press(browser, "\ue007")
    assert names(browser, "overview")[0] == "Athene-70B"


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_pages_fit_their_screen(browser: Any, index: str, width: int):
    """Tables scroll inside their frames; the page itself never scrolls sideways."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    try:
        for page in ("index.html", "tasks/gsm8k.html", "models/Athene-70B.html", "methods.html"):
            open_page(browser, index.replace("index.html", page))
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_header_stays_in_sight(browser: Any, index: str):
    """Far down a long table its header row is still at the top of the window."""
    open_page(browser, index)
    browser.execute_script("document.querySelector('[id=b-gsm8k] tbody tr:nth-child(12)').scrollIntoView()")
    top = "return document.querySelector('[id=b-gsm8k] thead').getBoundingClientRect().top"
    support.WebDriverWait(browser, 5).until(lambda b: abs(b.execute_script(top)) < 1)


def test_without_scripts_the_tables_read(browser: Any, index: str):
    """With JavaScript off every table and every plot is there, and no dead control."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, index)
        text = browser.find_element("id", "b-gsm8k").text
        assert all(model in text for model in reports.MODELS)
        assert browser.find_elements("css selector", "#tools *, th button") == []
        assert len(browser.find_elements("css selector", "svg.plot")) == 6
        assert not browser.find_element("class name", "keys").is_displayed()
        browser.find_element("css selector", "nav.toc a[href='#t-svamp']").click()
        assert browser.current_url.endswith("#t-svamp")
        assert browser.get_log("browser") == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
