"""Pages of items and their lists, built from runs made here."""

import json
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from rarl_eval.errors import BadInput
from rarl_eval.leaderboards import samples
from rarl_eval.leaderboards.evidence import side_by_side
from rarl_eval.leaderboards.tally import letter
from rarl_eval.site import build_site
from rarl_eval.types import Record, Reward, Status, Trace, Verdict
from tests.leaderboards import runs


class Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def built(folder: Path, **options) -> Path:
    """The site of made runs; ``options`` are runs.made's."""
    made = runs.made(folder, **options)
    return build_site(
        made["reports"], folder / "site", runs=made["runs"], scans=made["scans"], say=lambda _: None
    ).parent


def shard(path: Path) -> dict:
    """What a data script assigns."""
    return json.loads(path.read_text().split("] = ", 1)[1].removesuffix(";\n"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 12 items, two models, one scan."""
    return built(tmp_path_factory.mktemp("items"))


def test_an_items_page_holds_all_there_is_to_see(site: Path):
    """Question, right answer, evidence side by side, and for each model verdict, reason, reward and folded reasoning."""
    page = (site / "items/made/q01.html").read_text()
    assert "What is 1 plus 1?" in page
    assert '<pre class="gold">2</pre>' in page
    assert page.count("<mark>What is 1 plus 1</mark>") == 2
    assert "<b>exact</b> in <bdi>train.jsonl:1 </bdi>" in page
    assert '<span class="verdict good">right</span> <span class="said"><bdi>2 </bdi>' in page
    assert '<span class="verdict bad">wrong</span> <span class="said"><bdi>3 </bdi>' in page
    assert "<bdi>judge 1 (generative, outcome)</bdi>" in page
    assert "ended by itself · 11 reasoning tokens · 4 answer tokens · counted by server · seed 7" in page
    assert page.count('<details class="fold"><summary>Reasoning, ') == 2
    assert "2 answers: 1 right, 1 wrong." in page


def test_items_lead_to_their_neighbours_and_back(site: Path):
    """Previous, next, the list and the task are linked; the ends have one neighbour."""
    first, middle = ((site / f"items/made/{name}.html").read_text() for name in ("q00", "q05"))
    assert '<a href="q04.html" rel="prev">' in middle
    assert '<a href="q06.html" rel="next">' in middle
    assert 'rel="prev"' not in first
    assert '<a href="../../items/made.html">' in middle
    assert '<a href="../../tasks/made.html">' in middle


def test_lists_are_reached_from_board_task_and_model(site: Path):
    """From a model's page the list opens with that model chosen."""
    assert '<a href="items/made.html">' in (site / "index.html").read_text()
    assert '<a href="../items/made.html">' in (site / "tasks/made.html").read_text()
    assert '<a href="../items/made.html#model=m-poor">' in (site / "models/poor.html").read_text()


def test_a_lists_script_tells_each_verdict(site: Path):
    """A letter for each model and item, in order, with what the letters mean."""
    told = shard(site / "data/items/made.js")
    assert [m["codes"] for m in told["models"]] == ["R" * 12, "RWW" * 4]
    assert [m["anchor"] for m in told["models"]] == ["m-good", "m-poor"]
    assert told["items"][6] == ["q06", "q06", "What is 6 plus 6?", "clean"]
    assert told["items"][5][3] == "flagged"
    assert told["codes"]["W"] == "wrong"


def test_a_list_has_its_downloads(site: Path):
    """CSV and JSON hold every item with how many models got it right."""
    records = json.loads((site / "data/items/made.json").read_text())
    assert len(records) == 12
    assert records[1] == {
        "item": "q01",
        "question": "What is 1 plus 1?",
        "contamination": "flagged",
        "right": 1,
        "asked": 2,
    }


def test_long_texts_stand_whole_beside_the_page(tmp_path: Path):
    """The page has beginning and end and says what is left out; the script has everything."""
    site = built(tmp_path, n=2, long=5000)
    page = (site / "items/made/q00.html").read_text()
    assert len(page) < 40_000
    assert "17,008 characters are left out here" in page
    whole = shard(site / "data/items/made/q00.js")
    assert whole["m-good"][0] == "I think " + "word " * 5000
    assert whole["m-good"][1] == " so 0"


def test_samples_have_places_of_their_own(tmp_path: Path):
    """With several samples each answer has its own link."""
    page = (built(tmp_path, n=2, samples=3) / "items/made/q00.html").read_text()
    for number in range(3):
        assert f'id="m-good~{number}"' in page


def test_a_page_gives_each_text_its_share():
    """A few answers get much room, many get little, none gets less than a paragraph."""
    one = runs.record(runs.items(1)[0], "m", right=True)
    assert samples.room([one]) == 8000
    assert samples.room([one] * 20) == 3000
    assert samples.room([one] * 10_000) == 400


def test_every_verdict_has_a_name():
    """A page can say each verdict that the nouns know."""
    assert set(samples.VERDICTS) == set(get_args(Status))


@pytest.mark.parametrize("name", ["<b>rm</b>", '"><script>', "a&b"])
def test_names_of_rewards_become_no_markup(name: str):
    """A reward is called what somebody called it: on a page that is text."""
    trace = Trace(key="k", task="t", item_id="i", model="m", text="x")
    rewards = (Reward(name=name, judge="rule", score=0.5),)
    record = Record(trace=trace, verdict=Verdict(status="correct"), rewards=rewards)
    markup = samples.answer(record, "a", ("m", ""), several=False, limit=400).markup
    assert f"<bdi>{escape(name)} 0.5 (rule, outcome)</bdi>" in markup
    assert name not in markup


def test_hostile_outputs_become_no_markup(tmp_path: Path):
    """Whatever a model, an item or a corpus says, the page has the elements of any other page and no handler."""
    usual = {tag for tag, _ in Tags((built(tmp_path / "usual", long=3000) / "items/made/q01.html").read_text()).found}
    site = built(tmp_path / "hostile", n=len(runs.HOSTILE), texts=runs.HOSTILE, long=3000)
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= len(runs.HOSTILE) >= 30
    for path in pages:
        text = path.read_text()
        tags = Tags(text).found
        if path.parent.name == "made":
            assert {tag for tag, _ in tags} <= usual, path
        assert not any(name.startswith("on") or name == "style" for _, attrs in tags for name in attrs), path
        assert not set("\u202e\u2066\u200b\ufeff\u2028\x00\x07\x1b") & set(text), path
    for path in site.rglob("*.js"):
        assert path.parent.name == "static" or ("<" not in path.read_text() and path.read_text().isascii()), path


def test_a_run_that_no_report_holds_is_refused(tmp_path: Path):
    """The message names the run and the command that would help; nothing is left."""
    made = runs.made(tmp_path)
    other = runs.write_run(tmp_path / "other", runs.items(2), [])
    with pytest.raises(
        BadInput, match=r"other: no report given has a row of this run; write one with: rarl-eval report"
    ):
        build_site(made["reports"], tmp_path / "site", runs=[other], say=lambda _: None)
    with pytest.raises(BadInput, match="given twice"):
        build_site(made["reports"], tmp_path / "site", runs=made["runs"][:1] * 2, say=lambda _: None)
    assert not (tmp_path / "site").exists()


def test_a_report_of_other_records_is_refused(tmp_path: Path):
    """An accuracy that the records do not have is told with both figures."""
    made = runs.made(tmp_path)
    path = made["reports"][0] / "report.json"
    report = json.loads(path.read_text())
    report["rows"][0]["accuracy"]["value"] = 0.5
    path.write_text(json.dumps(report))
    with pytest.raises(BadInput, match=r"an accuracy of 1.0, the report says 0.5.*write it again"):
        build_site(made["reports"], tmp_path / "site", runs=made["runs"], say=lambda _: None)


def test_the_same_runs_give_the_same_bytes(tmp_path: Path):
    """Two builds of one site differ in no byte, whatever the order of runs."""
    made = runs.made(tmp_path)
    sites = []
    for name, given in (("a", made["runs"]), ("b", made["runs"][::-1])):
        build_site(made["reports"], tmp_path / name, runs=given, scans=made["scans"], say=lambda _: None)
        sites.append(
            {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        )
    assert sites[0] == sites[1]


def test_shared_words_are_marked_in_both_texts():
    """Runs of two words and more are marked, single words are not, and markup is escaped."""
    mine, theirs = side_by_side("<b> A cat sat, on a mat", "x: a CAT sat. <i> mat")
    assert mine == "&lt;b&gt; <mark>A cat sat</mark>, on a mat"
    assert theirs == "x: <mark>a CAT sat</mark>. &lt;i&gt; mat"


@pytest.mark.parametrize(("right", "judged", "code"), [(2, 2, "R"), (1, 2, "P"), (0, 2, "W")])
def test_an_items_letter_sums_its_samples_up(right: int, judged: int, code: str):
    """Right in all samples, in some, in none; without records it was not asked."""
    item = runs.items(2)[1]
    records = [runs.record(item, "m", right=i < right, sample=i) for i in range(judged)]
    assert letter(records, right, judged) == code
    assert letter([], 0, 0) == "-"
