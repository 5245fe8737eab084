"""Recorded outputs: which text, of which item, judged how."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, MissingField
from rarl_eval.identity.match import match
from rarl_eval.identity.wording import normal
from rarl_eval.importers import Fields, read_outputs, value_at
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark

QUESTIONS = ["Ann’s hens lay 3 eggs. How many?", "Bo has 4 pens. How many?", "Cy has 5 cups. How many?"]


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    path = tmp_path / "gsm8k.jsonl"
    path.write_text(
        "".join(
            json.dumps({"question": q, "answer": f"So.\\n#### {n}"}) + "\n"
            for n, q in zip((3, 4, 5), QUESTIONS, strict=True)
        )
    )
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)})


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(r) + "\n" for r in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def statuses(run: Path) -> list[str]:
    return [r.verdict.status for r in store.read_run(run).records if r.verdict]


def found(path: Path, benchmark: Benchmark) -> list[tuple[str, str | None, str | None]]:
    """State, item and way of each row."""
    decisions = match(read_outputs(path), benchmark).decisions
    return [(d.state, d.item.id if d.item else None, d.how) for d in decisions]


def test_content_wins_over_row_numbers(benchmark: Benchmark, tmp_path: Path) -> None:
    """Rows in another order, with a straight quote for a curly one, reach their items."""
    rows = [{"id": "x", "question": q.replace("’", "'").upper(), "output": "#### 3"} for q in reversed(QUESTIONS)]
    assert found(write(tmp_path / "o.jsonl", rows), benchmark) == [("consistent", n, "content") for n in "210"]


def test_keys_prove_and_ids_alone_only_propose(benchmark: Benchmark, tmp_path: Path) -> None:
    """A content hash proves its item, an id alone proves nothing, and one beside another question is none."""
    rows = [
        {"id": 2, "text": "5"},
        {"id": benchmark.items[0].key, "text": "3"},
        {"id": 1, "problem": "Another one that nobody asks?", "text": "9"},
    ]
    path = write(tmp_path / "o.jsonl", rows)
    assert found(path, benchmark) == [("consistent", "2", "id"), ("proved", "0", "key"), ("unmatched", None, None)]
    matched = match(read_outputs(path), benchmark)
    assert [matched.joined(d) for d in matched.decisions] == [False, True, False]
    trusted = match(read_outputs(path), benchmark, trusted=True)
    assert [trusted.joined(d) for d in trusted.decisions] == [True, True, False]


def test_names_in_a_field_that_the_user_names_are_the_users_word(tmp_path: Path) -> None:
    """A name joins its row where --id-field says so; a number does not, nor a name in a field that was guessed."""
    (task,) = registry.tasks("aime24")
    rows = [{"id": name, "problem": f"What is {n} and {n} in all?", "answer": str(2 * n)}
            for n, name in ((3, "sum-a"), (4, "17"))]  # fmt: skip
    items = data.load(task, {"aime24": str(write(tmp_path / "b.jsonl", rows))})
    path = write(tmp_path / "o.jsonl", [{"id": "sum-a", "text": "6"}, {"id": "17", "text": "8"}])
    for fields, joined in ((Fields(id="id"), [True, False]), (Fields(), [False, False])):
        matched = match(read_outputs(path, fields=fields), items)
        assert [(d.state, d.how) for d in matched.decisions] == [("consistent", "id")] * 2
        assert [matched.joined(d) for d in matched.decisions] == joined


def test_rows_are_counted_only_when_there_is_one_for_each_item(benchmark: Benchmark, tmp_path: Path) -> None:
    """Without ids or questions the order is proposed; a demonstration row at the top is no row."""
    rows = [{"demonstration": "..."}, {"generated": "3"}, {"generated": "4"}, {"generated": "5"}]
    assert found(write(tmp_path / "o.jsonl", rows), benchmark) == [("consistent", n, "row") for n in "012"]
    assert found(write(tmp_path / "s.jsonl", rows[:3]), benchmark) == [("unmatched", None, None)] * 2


def test_a_question_two_items_share_is_no_evidence(tmp_path: Path) -> None:
    """Items that ask the same with other answers are told apart by id or gold, not by their question."""
    rows = [{"question": "How many?", "answer": f"So.\n#### {n}"} for n in (1, 2)]
    benchmark = data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(write(tmp_path / "b.jsonl", rows))})
    asked = {"question": "How many?", "text": "2"}
    path = write(tmp_path / "o.jsonl", [{"id": "1", **asked}, {"gold": "1", **asked}, asked])
    assert found(path, benchmark) == [("consistent", "1", "id"), ("proved", "0", "content"), ("unmatched", None, None)]


def test_lm_eval_samples_are_recognised(benchmark: Benchmark, tmp_path: Path) -> None:
    """Repeats become samples, and the rows that lm-eval writes once more for each filter are read once."""
    rows = [
        {
            "doc_id": n,
            "doc": {"question": q},
            "resps": [["#### 3", "#### 9"]],
            "filter": f,
            "arguments": {},
        }
        for f in ("strict", "flexible")
        for n, q in enumerate(QUESTIONS)
    ]
    done = score([write(tmp_path / "samples_gsm8k.jsonl", rows)], benchmark, tmp_path / "run")
    assert (done.rows, done.matched, done.how) == (6, 6, {"content": 6})
    assert statuses(tmp_path / "run") == ["correct"] + ["incorrect"] * 5


def test_dotted_names_reach_into_objects() -> None:
    """`a.b` is a field of an object, unless a field is called so itself."""
    assert value_at({"a": {"b": 1}}, "a.b") == 1
    assert value_at({"a": {"b": 1}, "a.b": 2}, "a.b") == 2
    assert value_at({"a": 3}, "a.b") is None


def test_fields_carry_tokens_stops_and_rewards(benchmark: Benchmark, tmp_path: Path) -> None:
    """Named columns become tokens, stop reason, reasoning and rewards; what a row lacks is unknown."""
    rows = [
        {"id": "0", "r": {"text": "#### 3"}, "n": 12, "why": "max_tokens", "rm": 0.5, "thought": "hm"},
        {"id": "1", "r": {"text": "#### 4"}, "n": None, "rm": None},
    ]
    fields = Fields(text="r.text", tokens="n", stop="why", rewards={"rm": "rm"}, reasoning="thought")
    score([write(tmp_path / "o.jsonl", rows)], benchmark, tmp_path / "run", fields=fields, model="m", trust_ids=True)
    first, second = store.read_run(tmp_path / "run").records
    assert (first.trace.tokens.completion, first.trace.stop, first.trace.reasoning) == (12, "length", "hm")
    assert (second.trace.tokens.completion, second.trace.stop, second.trace.reasoning) == (None, None, None)
    assert [[r.score for r in x.rewards if r.name == "rm"] for x in (first, second)] == [[0.5], [None]]


def test_lists_beside_lists_of_texts_are_read_by_sample(benchmark: Benchmark, tmp_path: Path) -> None:
    """One score for each text goes to that text; a list of another length is refused, unless nobody named its field."""
    question = benchmark.items[0].question
    row = {
        "question": question,
        "texts": ["#### 1", "#### 2"],
        "rm": [0.75, 0.25],
        "ok": [True, False],
        "correct": ["x"],
    }
    path = tmp_path / "lists.jsonl"
    path.write_text(json.dumps(row) + "\n")
    fields = Fields(text="texts", rewards={"rm": "rm"}, score="ok")
    assert [(o.rewards, o.scores) for o in read_outputs(path, fields=fields)] == [
        ({"rm": 0.75}, {"ok": 1.0}),
        ({"rm": 0.25}, {"ok": 0.0}),
    ]
    path.write_text(json.dumps({**row, "rm": [1, 2, 3]}) + "\n")
    with pytest.raises(BadInput, match="has 2 texts and 3 values in 'rm'"):
        list(read_outputs(path, fields=fields))


def test_several_files_are_one_run(benchmark: Benchmark, tmp_path: Path) -> None:
    """The k-th output of an item is its sample k, across files."""
    files = [
        write(tmp_path / f"o{k}.jsonl", [{"id": n, "text": f"#### {n + 3 + k}", "model": "m"} for n in range(3)])
        for k in (0, 1)
    ]
    done = score(files, benchmark, tmp_path / "run", trust_ids=True)
    assert (done.model, done.items_answered) == ("m", 3)
    assert [(r.trace.item_id, r.trace.sample) for r in store.read_run(tmp_path / "run").records] == [
        (str(n), k) for n in range(3) for k in (0, 1)
    ]
    assert statuses(tmp_path / "run") == ["correct", "incorrect"] * 3


def test_another_gold_contradicts(benchmark: Benchmark, tmp_path: Path) -> None:
    """Rows with another gold than their item are refused with an example; on trust they are joined and counted."""
    rows = [{"id": n, "text": "x", "gold": gold} for n, gold in enumerate(("3.0", "44", "5"))]
    path = write(tmp_path / "o.jsonl", rows)
    with pytest.raises(BadInput, match=r"1 of 3 rows contradict .* row 2 \(item 1\) its gold is '44', the item's '4'"):
        score([path], benchmark, tmp_path / "run")
    done = score([path], benchmark, tmp_path / "run", trust_ids=True)
    assert (done.matched, done.identity.contradicted, done.identity.on_trust) == (3, 1, 3)
    told = store.read_manifest(tmp_path / "run")["tasks"]["gsm8k"]["identity"]
    assert (told["trusted"], told["contradicted"], told["consistent"]) == (True, 1, 2)
    assert [e["item"] for e in told["examples"]["contradicted"]] == ["1"]


@pytest.mark.parametrize(
    ("rows", "fields", "error", "said"),
    [
        ([{"id": "0", "x": "3"}], Fields(), MissingField, "row 1 has no text field"),
        (
            [{"id": "0", "text": "3", "a": 1}, {"id": "1", "a": 1, "b": 2}],
            Fields(),
            MissingField,
            "row 2 has no text in field 'text'",
        ),
        ([{"id": "0", "text": "3", "more": 1}], Fields(text="reply"), MissingField, "no text in field 'reply'"),
        ([{"id": "0", "text": "3"}], Fields(id="doc"), MissingField, "no field 'doc'"),
        ([{"id": "77", "text": "3"}], Fields(), BadInput, "none of the 1 rows"),
        (
            [{"question": QUESTIONS[n], "text": "3", "model": name} for n, name in enumerate("ab")],
            Fields(),
            BadInput,
            "several models",
        ),
    ],
)
def test_a_bad_file_leaves_nothing_behind(
    benchmark: Benchmark, tmp_path: Path, rows: list[dict[str, Any]], fields: Fields, error: type[BadInput], said: str
) -> None:
    """What is wrong is said with file and row, and no run directory, whole or half, is left."""
    path = write(tmp_path / "o.jsonl", rows)
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(error, match=said):
        score([path], benchmark, tmp_path / "run", fields=fields)
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_file_that_is_no_lm_eval_log_is_said_to_be_none(tmp_path: Path) -> None:
    """--format lm-eval insists on what lm-eval writes."""
    with pytest.raises(BadInput, match="no lm-eval samples file"):
        read_outputs(write(tmp_path / "o.jsonl", [{"text": "x"}]), "lm-eval")


def test_a_run_is_not_overwritten(benchmark: Benchmark, tmp_path: Path) -> None:
    """Scoring into a folder that holds something refuses and leaves it as it is."""
    path = write(tmp_path / "o.jsonl", [{"question": QUESTIONS[0], "text": "3"}])
    score([path], benchmark, tmp_path / "run")
    with pytest.raises(BadInput, match="already holds a run"):
        score([path], benchmark, tmp_path / "run")
    with pytest.raises(BadInput, match="no empty folder"):
        score([path], benchmark, tmp_path)


@pytest.mark.parametrize(
    ("text", "same"),
    [("It’s 5 kg.", "it's  5 KG"), ("ﬁve １２", "five 12"), ("Größe", "GRÖSSE"), ("a twenty–one", 'A "twenty-one".')],
)
def test_normal_text_forgets_case_marks_and_forms(text: str, same: str) -> None:
    """Quotes, case, Unicode form and spacing do not keep content from matching."""
    assert normal(text) == normal(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("1.5", "15"),
        ("1.500", "1,500"),
        ("x - 3", "x + 3"),
        ("x-y", "xy"),
        ("−3", "3"),
        ("2/3", "2 3"),
        ("a < b", "a = b"),
    ],
)
def test_normal_text_keeps_numbers_and_signs(text: str, other: str) -> None:
    """Another point, sign or relation is another text."""
    assert normal(text) != normal(other)


@pytest.mark.parametrize(
    ("system", "percent", "rows"),
    [
        ("6b_finetuning", 21.68, 286),
        ("6b_verification", 39.04, 515),
        ("175b_finetuning", 34.72, 458),
        ("175b_verification", 56.25, 742),
    ],
)
def test_openais_recorded_solutions_get_their_published_scores(
    shared: Path, tmp_path: Path, system: str, percent: float, rows: int
) -> None:
    """GSM8K's example solutions: each row's verdict is the recorded one, and accuracies are as published."""
    file = shared / "math/gsm8k_openai_solutions/example_model_solutions.jsonl.gz"
    benchmark = data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(shared / "math/gsm8k/test.jsonl.gz")})
    done = score([file], benchmark, tmp_path / "run", fields=Fields(text=f"{system}.solution"), model=system)
    assert done.how == {"content": 1319}
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        recorded = {normal(r["question"]): r[system]["is_correct"] for r in map(json.loads, stream)}
    run = store.read_run(tmp_path / "run")
    items = run.tasks["gsm8k"].items
    verdicts = {normal(items[r.trace.key].question): r.verdict.correct for r in run.records if r.verdict}
    assert verdicts == recorded
    assert sum(map(bool, verdicts.values())) == rows
    assert rows / 1319 == pytest.approx(percent / 100, abs=6e-5)
