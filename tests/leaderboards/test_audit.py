"""Pages of what scans found, as files and in a real browser."""

import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.leaderboards.audit import ENTRIES, differences
from rarl_eval.site import build_site
from tests.leaderboards import reports, scans
from tests.leaderboards.chrome import needed, open_page, requests

support = pytest.importorskip("selenium.webdriver.support.ui", reason="selenium is not installed")


def site(folder: Path, *found: Path) -> Path:
    (folder / "report.json").write_text(json.dumps(reports.report(3, 2)))
    build_site([folder / "report.json"], folder / "site", scans=found, say=lambda _: None)
    return folder / "site"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a scan of two tasks: 12 near, 2 exact and 3 variants of one, 1 near of the other; 3 judged."""
    folder = tmp_path_factory.mktemp("audit")
    lines = [scans.line(n, "near") for n in range(12)] + [scans.line(n, "exact") for n in range(12, 14)]
    lines += [scans.line(n, "variant", part="answer") for n in range(14, 17)] + [scans.line(17, None)]
    lines += [scans.line(18, "near", "svamp")]
    return site(folder, scans.write(folder / "train", lines, {0: "true", 1: "true", 2: "false", 18: "passage"}))


def test_words_that_one_text_lacks_are_marked() -> None:
    """Each side has its own words marked, in runs, and nothing of either is markup."""
    left, right = differences("Buy 3 <b>red</b> pens, now", "buy 4 pens now & then")
    assert left == "Buy <del>3 &lt;b&gt;red&lt;/b</del>&gt; pens, now"
    assert right == "buy <ins>4</ins> pens now &amp; <ins>then</ins>"


def test_each_task_and_level_has_its_page_and_precision(built: Path) -> None:
    """The overview counts and gives the interval; pages hold their own items, differences marked."""
    overview = (built / "audit.html").read_text()
    assert "What train found" in overview
    assert 'href="audit/train/gsm8k-near.html"' in overview
    told = json.loads((built / "data/audit/train.json").read_text())
    near = next(x for x in told if (x["task"], x["level"]) == ("gsm8k", "near"))
    assert (near["items"], near["judged"], near["true"]) == (12, 3, 2)
    assert (near["precision"], near["precision_low"], near["precision_high"]) == pytest.approx(
        (0.6667, 0.2077, 0.9385), abs=1e-4
    )
    over_all = json.loads((built / "data/audit/train-precision.json").read_text())
    assert [(x["level"], x["judged"], x["true"]) for x in over_all] == [("near", 4, 2)]
    page = (built / "audit/train/gsm8k-near.html").read_text()
    assert page.count("<article") == 12
    assert "<del>brass</del>" in page
    assert "<ins>copper</ins>" in page
    assert "judged true" in page
    assert (built / "audit/train/gsm8k-variant.html").read_text().count("<article") == 3
    assert "Audit" in (built / "index.html").read_text()


def test_many_items_are_cut_into_pages(tmp_path: Path) -> None:
    """A hundred items a page, each page leading to the others; without scans there is no such part."""
    lines = [scans.line(n, "exact") for n in range(ENTRIES + 5)]
    root = site(tmp_path, scans.write(tmp_path / "s", lines))
    assert (root / "audit/s/gsm8k-exact.html").read_text().count("<article") == ENTRIES
    assert (root / "audit/s/gsm8k-exact~2.html").read_text().count("<article") == 5
    assert 'href="gsm8k-exact~2.html"' in (root / "audit/s/gsm8k-exact.html").read_text()
    build_site([tmp_path / "report.json"], tmp_path / "bare", say=lambda _: None)
    assert not (tmp_path / "bare/audit.html").exists()


def test_the_same_scan_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two builds agree file by file, two scans of one name get a page each."""
    a = scans.write(tmp_path / "a/train", [scans.line(1, "exact")])
    b = scans.write(tmp_path / "b/train", [scans.line(2, "near")])
    made = []
    for _ in range(2):
        root = site(tmp_path, a, b)
        made.append({p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()})
    assert made[0] == made[1]
    assert len([p for p in made[0] if p.parts[0] == "audit"]) == 2


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose scan is all attacks."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [
        scans.line(n, "near", excerpt=evil, text=evil[::-1] + evil, document=evil, id=evil,
                   others=[{"level": evil, "part": evil, "score": 1, "document": evil}])
        for n, evil in enumerate(scans.EVIL)
    ]  # fmt: skip
    return site(folder, scans.write(folder / "evil scan", lines))


def shown(browser: Any) -> int:
    return browser.execute_script("return [...document.querySelectorAll('article')].filter(a => a.offsetParent).length")


@needed
def test_pages_open_without_complaint_or_request(browser: Any, built: Path) -> None:
    """The console stays empty, and only the site's own files are read."""
    for name in ("audit.html", "audit/train/gsm8k-near.html"):
        open_page(browser, (built / name).as_uri())
        assert browser.get_log("browser") == []
        assert all(url.startswith(built.as_uri()) for url in requests(browser))


@needed
def test_hostile_text_stays_text(browser: Any, hostile: Path) -> None:
    """No script of a corpus runs, nothing is asked for, and all of it can be read."""
    (path,) = (hostile / "audit").rglob("*.html")
    open_page(browser, path.as_uri())
    assert browser.get_log("browser") == []
    assert all(url.startswith(hostile.as_uri()) for url in requests(browser))
    assert browser.execute_script("return window.ran === undefined && !document.querySelector('article img')")
    text = browser.find_element("id", "main").text
    assert "<script>window.ran = 1</script>" in text
    assert "{{ 7 * 7 }}" in text
    assert "⟨U+202E⟩" in text


@needed
def test_entries_are_chosen_and_judged(browser: Any, built: Path) -> None:
    """Part and judgement choose; a click adds to the command, a second takes it back, and another page remembers."""
    open_page(browser, (built / "audit/train/gsm8k-near.html").as_uri())
    assert shown(browser) == 12
    support.Select(browser.find_element("css selector", "#judging select[aria-label=Judgement]")).select_by_value(
        "none"
    )
    assert shown(browser) == 9
    told = browser.find_element("css selector", "#judging textarea")
    assert not told.is_displayed()
    entry = browser.find_element("id", f"k-{5:032x}")
    entry.find_element("css selector", "button[value=passage]").click()
    assert told.get_attribute("value") == f"rarl-eval audit SCAN --record {5:032x}=passage"
    open_page(browser, (built / "audit/train/gsm8k-exact.html").as_uri())
    told = browser.find_element("css selector", "#judging textarea")
    assert told.get_attribute("value").endswith("=passage")
    open_page(browser, (built / "audit/train/gsm8k-near.html").as_uri())
    browser.find_element("css selector", f"#k-{5:032x} button[value=passage]").click()
    assert not browser.find_element("css selector", "#judging textarea").is_displayed()


@needed
@pytest.mark.parametrize("width", [1400, 800, 390])
def test_pages_fit_their_screen(browser: Any, built: Path, hostile: Path, width: int) -> None:
    """No page scrolls sideways, whatever a corpus holds."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for root in (built, hostile):
            for path in (root / "audit.html", *sorted((root / "audit").rglob("*.html"))[:2]):
                open_page(browser, path.as_uri())
                assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@needed
def test_without_scripts_everything_reads(browser: Any, built: Path) -> None:
    """With JavaScript off, items stand there, levels are links, and no control is dead."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, (built / "audit/train/gsm8k-near.html").as_uri())
        assert len(browser.find_elements("css selector", "article")) == 12
        assert browser.find_elements("css selector", "#judging *, article button") == []
        browser.find_element("css selector", ".shelves a[href$='gsm8k-exact.html']").click()
        assert browser.current_url.endswith("gsm8k-exact.html")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
