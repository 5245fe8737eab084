"""One report from runs and scans: what each field says, and that nothing hostile acts."""

import csv
import importlib
import io
import itertools
import json
import re
from html import escape
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from rarl_eval.errors import BadInput
from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.files.text import csv_cell, markdown, visible
from rarl_eval.report.build import build_report
from rarl_eval.report.terminal import render_terminal
from rarl_eval.report.write import write_report
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.stats import wilson
from rarl_eval.types import Item, Record, Reward, Tokens, Trace, Verdict

STATUSES = {"1": "correct", "0": "incorrect", "n": "no_answer", "a": "ambiguous", "g": "unparsable_gold"}


def items(n: int, *, grouped: int = 0) -> dict[str, Item]:
    made = [
        Item(id=str(i), question=f"q{i:04}", gold="1", group=f"g{i // grouped}" if grouped else None) for i in range(n)
    ]
    return {item.key: item for item in made}


def record(item: Item, verdict: str, *, model: str = "m", sample: int = 0, task: str = "t", **fields) -> Record:
    """A record whose verdict is one letter: 1, 0, n(o answer), a(mbiguous), g(old unparsable), e(rror)."""
    rewards = fields.pop("rewards", ())
    failed = verdict == "e"
    trace = Trace(
        key=item.key, task=task, item_id=item.id, model=model, sample=sample, stop="error" if failed else fields.pop("stop", None), **fields
    )  # fmt: skip
    return Record(trace=trace, verdict=None if failed else Verdict(status=STATUSES[verdict]), rewards=rewards)


def run(verdicts: str, *, model: str = "m", path: str = "runs/a", synthetic: bool = False, task: str = "t", grouped: int = 0, **fields) -> Run:  # fmt: skip
    """A run with one sample for each letter of ``verdicts``."""
    asked = items(len(verdicts), grouped=grouped)
    records = [
        record(i, v, model=model, task=task, text="x" * 10, **fields)
        for i, v in zip(asked.values(), verdicts, strict=True)
    ]
    return made(records, asked, path=path, task=task, synthetic=synthetic)


def made(records: list[Record], asked: dict[str, Item], *, path: str = "runs/a", task: str = "t", synthetic: bool = False) -> Run:  # fmt: skip
    info = TaskInfo(domain="math", version=1, fingerprint="f", items=asked)
    return Run(path=Path(path), manifest={"synthetic": synthetic}, tasks={task: info}, records=records)


def scan(letters: str, *, task: str = "t") -> ScanResult:
    """A scan that found items by letter: e(xact), n(ear), v(ariant), c(lean), s(hort)."""
    kinds = {"e": ("flagged", "exact"), "n": ("flagged", "near"), "v": ("clean", "variant"), "c": ("clean", None), "s": ("too_short", None)}  # fmt: skip
    lines = {}
    for item, letter in zip(items(len(letters)).values(), letters, strict=True):
        status, level = kinds[letter]
        lines[task, item.key] = ItemStatus(key=item.key, id=item.id, task=task, status=status, level=level)
    corpora = [{"name": "train.jsonl", "bytes": 10, "documents": 2, "sha256": "ab", "status": "scanned"}]
    report = {"schema": 1, "corpora": corpora, "counts": {task: {"n": len(letters), "exact": letters.count("e")}}, "not_scanned": []}  # fmt: skip
    return ScanResult(path=Path("scans/x"), report=report, items=lines)


def only_row(*runs: Run, scans=(), **options):
    (row,) = build_report(runs, scans, replicates=options.pop("replicates", 100), **options)["rows"]
    return row


def rounded(interval) -> dict:
    return {name: pytest.approx(getattr(interval, name), rel=1e-9) for name in ("value", "low", "high")}


def test_accuracy_counts_items_traces_and_errors():
    """Failed calls and golds that cannot be judged are in no denominator; no answer and two answers are wrong."""
    row = only_row(run("110nage"))
    assert (row["asked"], row["n"], row["traces"], row["errors"]) == (7, 5, 5, 1)
    assert row["accuracy"] == rounded(wilson(2, 5))
    assert row["no_answer"] == 0.2
    assert row["stops"] == {
        "end": 0, "length": 0, "error": 1, "unknown": 6, "no_answer": 1, "ambiguous": 1, "abstained": 0, "timeout": 0, "unparsable_gold": 1, "unjudged": 0, "cannot_judge": 0, "empty": 0, "loop": 0,
    }  # fmt: skip


def test_empty_replies_are_counted():
    """A reply without a word, be it answer or reasoning, is an empty one; a failed call is none."""
    asked = items(3)
    keys = list(asked)
    traces = [
        Trace(key=keys[0], task="t", item_id="0", model="m", text=" \n", stop="end"),
        Trace(key=keys[1], task="t", item_id="1", model="m", text="", reasoning="hm", stop="length"),
        Trace(key=keys[2], task="t", item_id="2", model="m", text="", stop="error"),
    ]
    verdicts = [Verdict(status="no_answer"), Verdict(status="no_answer"), None]
    records = [Record(trace=t, verdict=v) for t, v in zip(traces, verdicts, strict=True)]
    assert only_row(made(records, asked))["stops"]["empty"] == 1


def test_samples_of_an_item_share_its_weight():
    """Three of four right on one item and none of one on another is (.75 + 0) / 2."""
    asked = items(2)
    first, second = asked.values()
    records = [record(first, v, sample=i) for i, v in enumerate("1110")] + [record(second, "0")]
    row = only_row(made(records, asked))
    assert (row["n"], row["traces"]) == (2, 5)
    assert row["accuracy"]["value"] == 0.375


def test_items_of_a_passage_widen_the_interval():
    """Items that stand or fall with their passage are no independent evidence."""
    verdicts = "1111100000" * 10
    alone, grouped = only_row(run(verdicts)), only_row(run(verdicts, grouped=5))
    assert grouped["accuracy"]["value"] == alone["accuracy"]["value"] == 0.5
    width = [row["accuracy"]["high"] - row["accuracy"]["low"] for row in (alone, grouped)]
    assert width[1] > 1.8 * width[0]


def test_a_run_of_failed_calls_alone_has_unknown_accuracy():
    """Nothing judged is not 0 %, and nothing else of the row is made up."""
    row = only_row(run("eee"), scans=[scan("ecc")])
    assert (row["n"], row["traces"], row["errors"], row["accuracy"], row["gain"], row["no_answer"]) == (
        0,
        0,
        3,
        *(None,) * 3,
    )
    assert (row["length"]["n"], row["length"]["mean"], row["length"]["median"], row["length"]["budget"]) == (
        0,
        *(None,) * 3,
    )


def test_splits_and_gain_by_hand():
    """Flagged 3 of 4, clean 2 of 4, all 5 of 8: gain is 12.5 points, and what is too short is unscanned."""
    row = only_row(run("1110110010"), scans=[scan("eenncccvss")])
    assert row["flagged"] == {"n": 4, "accuracy": rounded(wilson(3, 4))}
    assert row["clean"] == {"n": 4, "accuracy": rounded(wilson(2, 4))}
    assert row["unscanned"] == {"n": 2, "accuracy": rounded(wilson(1, 2))}
    assert row["gain"]["value"] == 0.125
    assert row["gain"]["low"] < 0 < row["gain"]["high"]
    assert {level: part["n"] for level, part in row["levels"].items()} == {"exact": 2, "near": 2, "variant": 1}


def test_gain_is_a_paired_bootstrap():
    """The interval of the gain is that of resampled items, each keeping its side."""
    rng = np.random.default_rng(1)
    right, flagged = rng.random(200) < 0.7, rng.random(200) < 0.4
    letters = "".join("10"[not r] for r in right), "".join("ec"[not f] for f in flagged)
    row = only_row(run(letters[0]), scans=[scan(letters[1])], replicates=2000)
    draws = []
    for _ in range(2000):
        at = rng.integers(0, 200, 200)
        draws.append(right[at].mean() - right[at][~flagged[at]].mean())
    assert row["gain"]["value"] == pytest.approx(right.mean() - right[~flagged].mean())
    assert [row["gain"]["low"], row["gain"]["high"]] == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.01)


@pytest.mark.parametrize("letters", ["cccc", "eeee", "ssss", "ssee"])
def test_gain_needs_both_sides(letters):
    """Without clean or without flagged items there is no gain to speak of."""
    assert only_row(run("1101"), scans=[scan(letters)])["gain"] is None


def test_nothing_scanned_is_not_clean():
    """Without a scan every item is unscanned, and an item of another task's scan too."""
    for scans in ([], [scan("eecc", task="other")]):
        row = only_row(run("1101"), scans=scans)
        assert (row["clean"], row["flagged"]) == ({"n": 0, "accuracy": None},) * 2
        assert (row["unscanned"]["n"], row["gain"], row["levels"]) == (4, None, {})


def test_gain_of_a_model_that_is_always_right_is_no_point():
    """Ten of ten on both sides leaves room for a difference, in Newcombe's interval."""
    gain = only_row(run("1" * 20), scans=[scan("e" * 10 + "c" * 10)])["gain"]
    assert gain["value"] == 0
    assert gain["low"] < -0.1
    assert gain["high"] > 0.1


def test_relative_gain_takes_easiness_away():
    """Where flagged items are easier for every model alike, the gain is positive and the relative gain is 0."""
    verdicts = "1111" + "1100"
    runs = [run(verdicts, model=m, path=f"runs/{m}") for m in ("a", "b", "c")]
    rows = build_report(runs, [scan("eeeecccc")], replicates=50)["rows"]
    for row in rows:
        assert row["gain"]["value"] == 0.25
        assert row["gain_relative"] == {"value": 0.0, "low": 0.0, "high": 0.0}
        assert row["control"] == {"models": 2, "n": 8, "clean": 0.5, "flagged": 1.0}


def test_relative_gain_finds_the_model_that_saw_the_items():
    """Of three models one alone knows the flagged items: its relative gain stands out, theirs does not."""
    honest, cheat = "10" * 20 + "10" * 20, "1" * 40 + "10" * 20
    runs = [run(v, model=m, path=f"runs/{m}") for m, v in (("a", honest), ("b", honest), ("cheat", cheat))]
    rows = {r["model"]: r for r in build_report(runs, [scan("e" * 40 + "c" * 40)], replicates=400)["rows"]}
    assert rows["cheat"]["gain_relative"]["value"] == 0.25
    assert rows["cheat"]["gain_relative"]["low"] > 0.1
    assert rows["a"]["gain_relative"]["value"] == -0.125


def test_relative_gain_needs_two_other_models():
    """One other model is no control, nor are two runs of the same one."""
    runs = [run("1100", model=m, path=p) for m, p in (("a", "runs/a"), ("b", "runs/b1"), ("b", "runs/b2"))]
    rows = build_report(runs, [scan("eecc")], replicates=20)["rows"]
    assert all(row["gain_relative"] is None and row["control"] is None for row in rows)


def test_rows_are_sorted_and_runs_kept_apart():
    """By task, then accuracy; two runs of one model and task are two rows that say which run they are."""
    runs = [
        run("1000", task="z", path="runs/1"),
        run("1100", path="runs/2"),
        run("1110", path="runs/3"),
        run("1111", model="best", path="other/3"),
    ]
    rows = build_report(runs, replicates=20)["rows"]
    assert [(r["task"], r["model"], r["run"]) for r in rows] == [
        ("t", "best", "other/3"), ("t", "m", "runs/3"), ("t", "m", "2"), ("z", "m", "1"),
    ]  # fmt: skip


def test_rows_of_one_accuracy_stand_by_model_and_run():
    """However the runs are given, so that the same runs make the same report."""
    runs = [run("1100", model=m, path=f"runs/{m}{n}") for m, n in (("b", 2), ("a", 1), ("b", 1), ("a", 2))]
    for given in (runs, runs[::-1]):
        rows = build_report(given, replicates=20)["rows"]
        assert [(r["model"], r["run"]) for r in rows] == [("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")]


def test_length_is_in_tokens_only_where_all_are_counted():
    """One trace without a count makes the row one of characters; reasoning and answer counts add up."""
    asked = items(3)
    tokens = [Tokens(completion=10, counted_by="server"), Tokens(reasoning=15, answer=5, counted_by="server")]
    counted = [record(i, "1", tokens=t, text="x" * 7) for i, t in zip(asked.values(), tokens, strict=False)]
    length = only_row(made(counted, asked))["length"]
    assert (length["unit"], length["counted_by"], length["mean"]["value"], length["measured"]) == ("tokens", "server", 15, "completion")  # fmt: skip
    length = only_row(made([*counted, record(list(asked.values())[2], "1", text="x" * 7)], asked))["length"]
    assert (length["unit"], length["counted_by"], length["mean"]["value"], length["measured"]) == ("characters", None, 7, "text")  # fmt: skip


def test_characters_are_those_of_the_reasoning_where_it_is_marked():
    """Marked reasoning is measured alone; a row that marks some of its traces says mixed."""
    asked = items(2)
    first, second = asked.values()
    marked = record(first, "1", text="<think>abc</think>1", reasoning="abc")
    length = only_row(made([marked], asked))["length"]
    assert (length["mean"]["value"], length["measured"]) == (3, "reasoning")
    length = only_row(made([marked, record(second, "1", text="12345")], asked))["length"]
    assert (length["mean"]["value"], length["measured"]) == (4, "mixed")


def test_cut_and_hidden_traces_are_marked():
    """The share cut off is of traces that say how they ended; reasoning tokens without text are hidden."""
    asked = items(4)
    stops = ("length", "end", "end", None)
    records = [
        record(i, "1", stop=s, tokens=Tokens(completion=9, reasoning=5))
        for i, s in zip(asked.values(), stops, strict=True)
    ]
    length = only_row(made(records, asked))["length"]
    assert length["truncated"] == pytest.approx(1 / 3)
    assert (length["censored"], length["hidden"]) == (True, True)
    unknown = only_row(run("11"))["length"]
    assert (unknown["truncated"], unknown["censored"], unknown["hidden"]) == (None, None, False)


def test_common_correct_lengths_are_those_of_shared_items():
    """Each model's median over the items that all models got right; unknown with one model alone."""
    asked = items(4)

    def answers(model: str, verdicts: str, lengths: list[int]) -> Run:
        rows = zip(asked.values(), verdicts, lengths, strict=True)
        return made([record(i, v, model=model, text="x" * n) for i, v, n in rows], asked, path=f"runs/{model}")

    runs = [answers("strong", "1111", [10, 20, 90, 90]), answers("weak", "1100", [30, 50, 5, 5])]
    lengths = {row["model"]: row["length"] for row in build_report(runs, replicates=20)["rows"]}
    assert (lengths["strong"]["median_correct"], lengths["weak"]["median_correct"]) == (55, 40)
    assert (lengths["strong"]["median_common_correct"], lengths["weak"]["median_common_correct"]) == (15, 40)
    assert lengths["weak"]["n_common_correct"] == 2
    assert only_row(runs[0])["length"]["median_common_correct"] is None


def test_budget_curves_of_a_task_share_their_axis():
    """Areas compare because every row of the task and unit runs over the same budgets."""
    runs = [run("1110", model=m, path=m, reasoning="y" * n) for m, n in (("short", 3), ("long", 100))]
    budgets = {row["model"]: row["length"]["budget"] for row in build_report(runs, replicates=20)["rows"]}
    assert {(b["low"], b["high"]) for b in budgets.values()} == {(2, 128)}
    assert budgets["short"]["area"] > budgets["long"]["area"]
    assert budgets["long"]["curve"][-1] == [128, 0.75]


def test_agreement_entries_say_what_they_cannot():
    """A constant reward tells nothing, an unbounded one has no threshold, missing scores are counted."""
    asked = items(40)
    rng = np.random.default_rng(0)
    records = []
    for i, item in enumerate(asked.values()):
        right = i % 2
        rewards = (
            Reward(name="constant", judge="rule", meaning="shaping", score=1.0),
            Reward(name="model", judge="discriminative", score=None if i < 3 else float(rng.random() / 2 + right / 2)),
            Reward(name="process", judge="discriminative", grain="process", steps=(0.9, 0.2 + right / 2)),
            Reward(name="wild", judge="self", score=-float(i)),
        )
        records.append(record(item, str(right), rewards=rewards))
    entries = {e["reward"]: e for e in only_row(made(records, asked))["agreement"]}
    assert list(entries) == ["constant", "model", "process", "wild"]
    assert entries["constant"]["auroc"]["value"] == 0.5
    assert "tells nothing" in entries["constant"]["note"]
    assert (entries["constant"]["brier"], entries["constant"]["false_pass"]["value"]) == (None, 1.0)
    assert (entries["model"]["n"], entries["model"]["missing"], entries["model"]["threshold"]) == (37, 3, 0.5)
    assert entries["model"]["auroc"]["value"] == 1.0
    assert entries["process"]["kappa"]["value"] == 1.0
    assert "minimum" in entries["process"]["note"]
    assert (entries["wild"]["threshold"], entries["wild"]["kappa"], entries["wild"]["ece"]) == (None, None, None)
    assert (entries["wild"]["judge"], entries["wild"]["grain"], entries["wild"]["meaning"]) == (
        "self",
        "outcome",
        "accuracy",
    )


def test_a_reward_that_starts_late_keeps_its_places():
    """A reward present on the last trace alone is missing on the others, and never shifted."""
    asked = items(3)
    rewards = [(), (), (Reward(name="r", judge="rule", score=1.0),)]
    records = [record(i, v, rewards=r) for i, v, r in zip(asked.values(), "001", rewards, strict=True)]
    (entry,) = only_row(made(records, asked))["agreement"]
    assert (entry["n"], entry["missing"], entry["base_rate"]) == (1, 2, 1.0)


def test_synthetic_runs_mark_the_report(tmp_path):
    """One synthetic run makes the report say so, in every form of it."""
    report = build_report([run("10"), run("11", path="runs/b", synthetic=True)], replicates=20)
    assert report["synthetic"] is True
    write_report(report, tmp_path)
    assert "Synthetic" in (tmp_path / "report.md").read_text()
    assert build_report([run("10")], replicates=20)["synthetic"] is False


def reference_report():
    runs = [run("1101", model="a", path="runs/a"), run("0111", model="b", path="runs/b")]
    return build_report(runs, [scan("eccs")], replicates=100)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    """Two reports of the same runs are equal byte for byte, and runs in another order change nothing but ties."""
    for name in ("one", "two"):
        write_report(reference_report(), tmp_path / name)
    files = [sorted((tmp_path / name).iterdir()) for name in ("one", "two")]
    assert [f.name for f in files[0]] == ["report.csv", "report.json", "report.md"]
    assert [f.read_bytes() for f in files[0]] == [f.read_bytes() for f in files[1]]


def test_report_json_is_plain_and_complete(tmp_path):
    """What is written is what was built, and every field of docs/report.md is there."""
    report = reference_report()
    write_report(report, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text()) == report
    documented = (Path(__file__).parents[2] / "docs" / "report.schema.json").read_text()
    row = report["rows"][0]
    for name in itertools.chain(report, row, row["length"], report["scans"][0]):
        assert f'"{name}": {{' in documented, name
    assert report["schema"] == 2


def test_report_csv_has_a_line_for_each_row(tmp_path):
    """Intervals stand in three columns, unknown values are empty cells."""
    write_report(reference_report(), tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text())))
    assert [(r["model"], r["n"], r["accuracy"]) for r in rows] == [("a", "4", "0.75"), ("b", "4", "0.75")]
    assert rows[0]["accuracy_low"].startswith("0.3006")
    assert (rows[0]["gain_relative"], rows[0]["length_truncated"]) == ("", "")


HOSTILE = [
    '=HYPERLINK("http://evil","x")', "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "|calc", "%2B1", "a|b", "a\nb", "<script>alert(1)</script>",
    "[x](javascript:alert(1))", "![x](http://evil/p.png)", "`code`", "\x1b[31mred", "\u202eevil", "[bold]x[/bold]", "a\u2028b",
    "www.evil.com", "mailto:a@b.com", "\u0000", "#1", "$x$", "~~x~~", "*x*", "&lt;", "\\",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_model_names_act_on_nothing(tmp_path, name):
    """A model's name may be anything: no formula, markup, link, escape sequence or new row comes of it."""
    report = build_report([run("10", model=name)], replicates=20)
    write_report(report, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["rows"][0]["model"] == name
    text = (tmp_path / "report.csv").read_text()
    (cells,) = csv.DictReader(io.StringIO(text))
    assert not cells["model"].lstrip().startswith(("=", "+", "-", "@", "＝"))
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render((tmp_path / "report.md").read_text())
    tags = set(re.findall(r"<([a-z0-9]+)", html))
    assert tags <= {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert len(re.findall("<tr", html)) == 6
    assert html.count(f"<td>{escape(visible(name).strip())}</td>") == 3
    shown = "\n".join(render_terminal(report, 100, full=True))
    assert "".join(visible(name).split()) in "".join(shown.split())
    for output in (text, html, shown):
        assert not {"\x1b", "\u202e", "\u2028", "\x00"} & set(output)


def test_markdown_breaks_what_would_become_a_link():
    """Addresses that some renderers turn into links by themselves are broken."""
    assert markdown("www.evil.com http://evil a@b.c") == r"www\.evil.com http\://evil a\@b.c"


def test_escapes_by_hand():
    """What a reader sees is the name, what a program sees is text."""
    assert visible("a\x1b\u202eb") == "a\\x1b\\u202eb"
    assert markdown("a|b_c") == "a\\|b\\_c"
    assert (csv_cell("=1"), csv_cell("Qwen/Qwen2-7B")) == ("'=1", "Qwen/Qwen2-7B")


def test_terminal_fits_100_columns():
    """No line of the table is wider than the terminal, and long names keep all their letters."""
    long = "organisation-with-a-long-name/model-with-a-longer-name-still-instruct-0125-preview"
    runs = [run("1" * 70 + "0" * 30, model=m, path=m) for m in (long, "b", "c")]
    report = build_report(runs, [scan("ec" * 50)], replicates=20)

    assert max(map(len, render_terminal(report, 100, full=True))) <= 100
    assert "organisation" in "".join(render_terminal(report, 100))
    wide = render_terminal(report, 200, full=True)
    line = next(line for line in wide if line.startswith("t ") and long in line and "[60.4," in line)
    assert re.split(r"\s{2,}", line)[1:] == [long, "70.0", "unchecked", "70.0 [60.4, 78.1]", "100", "all items"]


def test_an_unwritable_folder_is_one_clear_sentence(tmp_path):
    """A file where the folder should be is named, with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match=r"file cannot be written to: .*; choose another --out"):
        write_report(reference_report(), tmp_path / "file")


def test_a_run_given_twice_is_refused():
    """A run counted twice would stand beside itself and be its own control."""
    with pytest.raises(BadInput, match="runs/a is given twice"):
        build_report([run("10"), run("10")])


def test_no_runs_make_an_empty_report(tmp_path):
    """A report of nothing is a report without rows."""
    report = build_report([])
    assert report["rows"] == []
    write_report(report, tmp_path)
    assert (tmp_path / "report.csv").read_text() == "\n"


def test_metrics_page_names_what_exists():
    """Every function that docs/metrics.md names can be imported under that name."""
    text = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    names = set(re.findall(r"`((?:stats|agreement|evidence|measures|report)\.[a-z_.@]+)`", text))
    assert len(names) > 15
    for name in names:
        module, _, attribute = name.rpartition(".")
        found = importlib.import_module(f"rarl_eval.{module}")
        assert hasattr(found, attribute) or importlib.import_module(f"rarl_eval.{name}"), name
