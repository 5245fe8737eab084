"""History lines, budget curves and feeds of the site."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.feeds import FeedEntry, feed
from rarl_eval.leaderboards.pages import render
from rarl_eval.nightly import history
from rarl_eval.site import build_site
from tests.leaderboards import reports, runs
from tests.leaderboards.test_items import Tags

ATOM = "{http://www.w3.org/2005/Atom}"


def night(name: str, accuracy: float | None, **changes: Any) -> history.ResultRow:
    """One cell of one night."""
    row = {
        "night": name, "started": f"{name}T02:00:00+00:00", "model": "Athene-70B", "task": "gsm8k", "budget": None,
        "task_version": 1, "fingerprint": "f", "status": "ok", "reason": "", "n": 1319, "traces": 1319, "errors": 0,
        "accuracy": accuracy, "accuracy_low": accuracy and accuracy - 0.02, "accuracy_high": accuracy and accuracy + 0.02,
        "no_answer": 0.0, "truncated": 0.0, "mean_tokens": 310.4, "clean": None, "flagged": None, "gain": None,
        "baseline_difference": None, "baseline_p": None, "recent_difference": None, "recent_p": None, "rewards": "{}",
    }  # fmt: skip
    return history.ResultRow(**{**row, **changes})


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """Three nights: two usual ones, a fall with a hostile reason; a second model in the last."""
    folder = tmp_path / "history"
    history.append(folder, [night("2026-03-01", 0.81)], [])
    history.append(folder, [night("2026-03-02", 0.82)], [])
    fallen = night(
        "2026-03-03", 0.7, status="regression", reason="<script>11 points below the baseline", baseline_difference=-0.11
    )
    history.append(
        folder, [fallen, night("2026-03-03", None, model="other", status="failure", reason="no call came back")], []
    )
    return folder


def built(nights: Path | None, **options: Any) -> dict[str, bytes]:
    """A site with a history, as path to bytes."""
    return dict(render({"report": reports.report(3, 2)}, history=nights, **options))


def test_each_task_has_its_nights(nights: Path):
    """A line a model with its latest figures and the alarm marked; unknown models are named without a link."""
    site = built(nights)
    page = site["history/gsm8k.html"].decode()
    assert page.count('<svg class="plot nights"') == 2
    assert '<circle class="alarm"' in page
    assert "2026-03-03: regression. &lt;script&gt;11 points" in page
    assert ">70.0<small>68.0–72.0</small>" in page
    assert "−11.0" in page
    overview = site["history.html"].decode()
    assert "2 in all." in overview
    assert "<script>11" not in overview
    assert '<a href="history.html">History</a>' in site["index.html"].decode()


def test_the_downloads_hold_every_night(nights: Path):
    """One record for each night and cell."""
    records = json.loads(built(nights)["data/history/gsm8k.json"])
    assert [(r["night"], r["model"], r["accuracy"]) for r in records] == [
        ("2026-03-01", "Athene-70B", 0.81), ("2026-03-02", "Athene-70B", 0.82), ("2026-03-03", "Athene-70B", 0.7),
        ("2026-03-03", "other", None),
    ]  # fmt: skip


def test_a_night_more_changes_no_earlier_byte_of_the_line(nights: Path):
    """The same history gives the same bytes."""
    assert built(nights) == built(nights)


def test_a_folder_without_nights_is_refused(tmp_path: Path, nights: Path):
    """The message says what was looked for; a board that shows nothing of the history is named."""
    with pytest.raises(BadInput, match=r"holds no night \(no results/\*.parquet"):
        built(tmp_path)
    board = tmp_path / "board.toml"
    board.write_text('title = "B"\ntasks = ["svamp"]\ncolumns = ["rank"]\npage_columns = ["rank"]\n')
    with pytest.raises(BadInput, match="board 'B' shows no cell of this history"):
        built(nights, board=board)


def test_budgets_are_drawn_and_told():
    """A task's page has a curve for each model, its table and its downloads."""
    site = built(None)
    page = site["tasks/gsm8k.html"].decode()
    kinds = [a.get("class") for t, a in Tags(page).found if t == "path"]
    assert [k for k in kinds if k and k.startswith("line")] == ["line l0", "line l1", "line l2"]
    records = json.loads(site["data/tasks/gsm8k-budget-tokens.json"])
    assert [(r["area"], r["at_16"], r["at_4096"]) for r in records] == [(0.5, 0.0, 0.8)] * 3


def test_hidden_lengths_have_no_curve():
    """What nobody can see does not compare."""
    report = reports.report(3, 1)
    for row in report["rows"][:2]:
        row["length"]["hidden"] = True
    assert "data/tasks/gsm8k-budget-tokens.json" not in dict(render({"report": report}))


def test_results_have_a_feed_where_their_runs_say_when(tmp_path: Path):
    """An entry for each model, dated by its run's end; without runs there is no feed and no link to one."""
    made = runs.made(tmp_path)
    build_site(
        made["reports"], tmp_path / "site", runs=made["runs"], base_url="https://example.org/b/", say=lambda _: None
    )
    root = ET.fromstring((tmp_path / "site/data/leaderboard/made.xml").read_bytes())
    entries = root.findall(f"{ATOM}entry")
    assert [e.findtext(f"{ATOM}title") for e in entries] == ["poor on made", "good on made"]
    assert {e.findtext(f"{ATOM}updated") for e in entries} == {"2026-01-02T04:04:05+00:00"}
    assert (
        entries[1].findtext(f"{ATOM}summary")
        == "Accuracy 100.0 % [75.8–100.0], on 12 items, gain from items found in training data 0.0 points"
    )
    assert entries[0].find(f"{ATOM}link").attrib["href"] == "https://example.org/b/tasks/made.html"
    assert root.findtext(f"{ATOM}id") == "https://example.org/b/data/leaderboard/made.xml"
    assert '<a href="data/leaderboard/made.xml"' in (tmp_path / "site/index.html").read_text()
    assert b".xml" not in built(None)["index.html"]


def test_nights_have_a_feed(nights: Path):
    """The latest night first, with what fell."""
    root = ET.fromstring(built(nights)["data/history/gsm8k-latest.xml"])
    first = root.find(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}title") == "gsm8k, night 2026-03-03"
    assert first.findtext(f"{ATOM}summary") == (
        "Athene-70B: regression, <script>11 points below the baseline; other: failure, no call came back"
    )


def test_a_feed_holds_what_xml_cannot():
    """Control characters are spelled out, ids differ, entries without a date are left out."""
    entries = [FeedEntry("a\x00\u202e", "t", "2026-01-01T00:00:00+00:00", "p"), FeedEntry("b", "t", "yesterday", "p")]
    root = ET.fromstring(feed("F", "f.xml", entries, None) or b"")
    assert [e.findtext(f"{ATOM}title") for e in root.findall(f"{ATOM}entry")] == ["a⟨U+0000⟩⟨U+202E⟩"]
    assert (root.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
    assert feed("F", "f.xml", entries[1:], None) is None
