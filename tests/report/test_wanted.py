"""What a report adds where it is asked: a reference tokenizer's counts, and scores of accuracy and length together."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from rarl_eval.cli import group
from rarl_eval.errors import BadInput
from rarl_eval.measures.reference import ReferenceTokenizer
from rarl_eval.measures.wanted import Wanted
from rarl_eval.report.build import build_report
from rarl_eval.report.tables import captions, tables
from rarl_eval.runs.store import Run, TaskInfo
from rarl_eval.types import Item, Record, Tokens, Trace, Verdict


def run(model: str, answers: list[tuple[bool, int]], *, text: str = "x", path: str = "") -> Run:
    """One trace an item, right or not, of so many tokens."""
    items = {item.key: item for item in (Item(id=str(i), question=f"q{i}", gold="1") for i in range(len(answers)))}
    records = [
        Record(
            trace=Trace(key=item.key, task="t", item_id=item.id, model=model, text=text, tokens=Tokens(completion=length)),
            verdict=Verdict(status="correct" if right else "incorrect"),
        )
        for item, (right, length) in zip(items.values(), answers, strict=True)
    ]  # fmt: skip
    info = TaskInfo(domain="math", version=1, fingerprint="f", items=items)
    return Run(path=Path(path or f"runs/{model}"), manifest={}, tasks={"t": info}, records=records)


def lengths(*runs: Run, **wanted) -> dict[str, dict]:
    report = build_report(runs, more=Wanted(**wanted), replicates=100)
    return {row["model"]: row["length"] for row in report["rows"]}


def words(folder: Path) -> Path:
    """A tokenizer.json for which each word is a token."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def test_models_that_change_sides_are_marked():
    """The strong model is shorter on what both got right and longer on all it got right: it turns, the third not."""
    strong = run("strong", [(True, 10), (True, 10), (True, 90), (True, 90), (True, 90)])
    weak = run("weak", [(True, 20), (True, 20), (False, 5), (False, 5), (False, 5)])
    slow = run("slow", [(True, 200), (True, 200), (True, 200), (False, 5), (False, 5)])
    report = build_report([strong, weak, slow], replicates=20)
    found = {row["model"]: row["length"]["order_flips"] for row in report["rows"]}
    assert found == {"strong": ["weak"], "weak": ["strong"], "slow": []}
    table = next(t for t in tables(report) if t.title.startswith("length"))
    turned = table.header.index("turned")
    assert {row[1]: row[turned] for row in table.rows} == {"strong": "1", "weak": "1", "slow": "0"}
    assert lengths(strong)["strong"]["order_flips"] is None


def test_scores_are_there_only_where_asked_for():
    """Without options a row has none of them, and the report has no table of them."""
    report = build_report([run("m", [(True, 10)])], replicates=20)
    (row,) = report["rows"]
    assert {row["length"][name] for name in ("reference", "auc_oaa", "adherence", "aes")} == {None}
    assert report["settings"]["aes_base"] is None
    assert not any("one number" in table.title for table in tables(report))


def test_scores_by_hand():
    """Right within 100 on average, within 40, and against a base that is as right at twice the length."""
    fast = run("fast", [(True, 20), (True, 40), (False, 60), (True, 80)])
    base = run("base", [(True, 40), (True, 80), (False, 120), (True, 160)])
    found = lengths(fast, base, base="base", cap=100, budget=40)
    assert found["fast"]["auc_oaa"]["area"]["value"] == pytest.approx((0.8 + 0.6 + 0.2) / 4)
    assert found["fast"]["adherence"]["within"]["value"] == 0.5
    assert found["fast"]["adherence"]["beyond"] == pytest.approx((1.5 + 2) / 2)
    assert found["fast"]["aes"] == {"base": "base", "score": {"value": 0.5, "low": 0.5, "high": 0.5}}
    assert found["base"]["aes"] is None


def test_the_base_must_be_there_once():
    """A base that no run has, or that two runs of one task have, is refused."""
    made = [run("a", [(True, 1)]), run("b", [(True, 1)]), run("b", [(True, 2)], path="runs/b2")]
    with pytest.raises(BadInput, match="no run is of the base model 'c'; the models are: a, b"):
        build_report(made, more=Wanted(base="c"))
    with pytest.raises(BadInput, match="'b' has several runs of one task"):
        build_report(made, more=Wanted(base="b"))


def test_one_tokenizer_counts_all_models(tmp_path):
    """Models that count their own tokens as they like have one unit beside it: here words."""
    counter = ReferenceTokenizer(words(tmp_path))
    found = lengths(run("a", [(True, 7)], text="one two three"), run("b", [(True, 7)], text="one"), tokenizer=counter)
    assert [found[m]["reference"]["median"]["value"] for m in "ab"] == [3.0, 1.0]
    assert [found[m]["reference"]["median_common_correct"] for m in "ab"] == [3.0, 1.0]
    assert re.fullmatch(
        rf"{re.escape(tmp_path.name)}/tokenizer.json [0-9a-f]{{12}}", found["a"]["reference"]["tokenizer"]
    )
    assert counter.count(["", "lone \ud800 surrogate"]) == [0, 3]


def test_a_file_that_is_no_tokenizer_is_one_sentence(tmp_path):
    """Neither a missing file nor another JSON file is a traceback."""
    (tmp_path / "other.json").write_text("{}")
    for name in ("none.json", "other.json"):
        done = CliRunner().invoke(
            group, ["report", "-r", "runs/a", "-o", str(tmp_path / "r"), "--tokenizer", str(tmp_path / name)]
        )
        assert isinstance(done.exception, BadInput)
        assert name in str(done.exception)


def test_captions_say_what_the_scores_were_asked_with():
    """The base, the cap and the budget stand below the tables."""
    made = [run("a", [(True, 1)]), run("b", [(True, 2)])]
    report = build_report(made, more=Wanted(base="a", cap=500, budget=40), replicates=20)
    told = " ".join(captions(report))
    assert "budgets up to 500" in told
    assert "no longer than 40" in told
    assert "AES against a" in told
    assert json.dumps(report["settings"]["oaa_cap"]) == "500"
