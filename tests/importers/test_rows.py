"""Rows as they are: paths into lists, several texts a row, failed calls, lines that break off, hostile names."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, MissingField
from rarl_eval.importers import Fields, read_log, value_at
from rarl_eval.importers.outputs import Log, Output, options_of
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark

QUESTION = "Ann has 4 hens that lay 3 eggs a day each. How many eggs does she get?"


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    path = tmp_path / "gsm8k.jsonl"
    path.write_text(json.dumps({"question": QUESTION, "answer": "So.\n#### 12"}) + "\n")
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)})


def read(path: Path, content: str, **named: Any) -> tuple[Log, list[Output]]:
    """A file of this text, read to its end."""
    path.write_text(content)
    log = read_log(path, fields=Fields(**named))
    return log, list(log.outputs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("choices.0.message.content", "a"),
        ("choices.-1.message.content", "b"),
        ("choices.2.message.content", None),
        ("choices.-3.message.content", None),
        ("choices.first", None),
        ("choices.1e0", None),
        ("choices.0.text.0", None),
    ],
)
def test_numbers_in_a_path_count_the_elements_of_a_list(name: str, value: str | None) -> None:
    """From 0, or from the end below 0; beyond either end there is nothing."""
    row = {"choices": [{"message": {"content": "a"}, "text": "x"}, {"message": {"content": "b"}}]}
    assert value_at(row, name) == value


def test_lists_beside_a_list_of_texts_are_theirs_one_by_one(tmp_path: Path) -> None:
    """Rewards, scores, tokens, finish reasons and reasoning of the k-th text are the k-th elements."""
    row = {
        "question": QUESTION, "completions": ["It is 12.", "It is 13."], "rm": [0.9, 0.1], "ok": [True, False], "n": [5, 6],
        "finish_reason": ["stop", "length"], "think": ["hm", "er"], "model": "m", "prompt": "x",
    }  # fmt: skip
    named = {"rewards": {"rm": "rm"}, "score": "ok", "tokens": "n", "reasoning": "think"}
    _, outputs = read(tmp_path / "o.jsonl", json.dumps(row), **named)
    told = [(o.text, o.rewards["rm"], o.scores["ok"], o.tokens.completion, o.stop, o.reasoning) for o in outputs]
    assert told == [("It is 12.", 0.9, 1.0, 5, "stop", "hm"), ("It is 13.", 0.1, 0.0, 6, "length", "er")]
    assert [(o.repeat, o.model) for o in outputs] == [(0, "m"), (1, "m")]


def test_lists_of_another_length_are_an_error(tmp_path: Path) -> None:
    """Which value belongs to which text cannot be known."""
    row = {"question": QUESTION, "texts": ["a", "b"], "rm": [1, 2, 3]}
    with pytest.raises(BadInput, match=r"o.jsonl row 1 has 2 texts and 3 values in 'rm'"):
        read(tmp_path / "o.jsonl", json.dumps(row), rewards={"rm": "rm"})


@pytest.mark.parametrize(
    ("beside", "error"),
    [
        ({"error": "timed out"}, "timed out"),
        ({"error": {"code": 500}}, "{'code': 500}"),
        ({"finish_reason": "error"}, "the log says that the call failed"),
        ({"error": None, "finish_reason": "stop"}, None),
        ({"error": ""}, None),
    ],
)
def test_an_empty_text_with_an_error_is_a_failed_call(
    beside: dict[str, Any], error: str | None, benchmark: Benchmark, tmp_path: Path
) -> None:
    """It is kept and judged as nothing; without a word on a failure it is an answer that says nothing."""
    path = tmp_path / "o.jsonl"
    path.write_text("".join(json.dumps({"question": QUESTION, "text": text, **beside}) + "\n" for text in ("", "12")))
    done = score([path], benchmark, tmp_path / "run")
    failed, right = store.read_run(tmp_path / "run").records
    assert (failed.trace.error, failed.verdict is None) == (error, error is not None)
    assert right.verdict is None if beside.get("finish_reason") == "error" else right.verdict is not None
    assert (done.empty, done.failed >= 1) == ((0, True) if error else (1, False))


def test_a_row_without_a_text_field_may_be_a_failed_call(tmp_path: Path) -> None:
    """A null text and an error are one."""
    text = json.dumps({"question": QUESTION, "text": "12"}) + "\n" + json.dumps({"text": None, "error": "refused"})
    _, outputs = read(tmp_path / "o.jsonl", text)
    assert [(o.text, o.error) for o in outputs] == [("12", None), ("", "refused")]


@pytest.mark.parametrize("last", ['{"question": "Ann has', '{"text": "caf\udcc3', "{"])
def test_a_line_that_breaks_off_costs_that_line_and_a_sentence(last: str, tmp_path: Path) -> None:
    """A writer that was stopped leaves the rows before it whole."""
    good = json.dumps({"question": QUESTION, "text": "12"}) + "\n"
    path = tmp_path / "o.jsonl"
    path.write_bytes((good * 2 + last).encode("utf-8", "surrogateescape"))
    log = read_log(path)
    assert len(list(log.outputs)) == 2
    assert [(u.where, "breaks off" in u.reason) for u in log.unread] == [(f"{path} line 3", True)]


@pytest.mark.parametrize(
    ("text", "line"), [('{"text": "a"}\n{"te\n{"text": "b"}\n', 2), ('{"text": ', 1), ('{"a": 1}\n[1]', 2)]
)
def test_other_damage_is_refused(text: str, line: int, tmp_path: Path) -> None:
    """A line that breaks off in the middle, a file of nothing else, or a line that is no object."""
    with pytest.raises(BadInput, match=f"o.jsonl line {line} "):
        read(tmp_path / "o.jsonl", text, text="text")


def test_a_first_row_of_another_shape_is_named(tmp_path: Path) -> None:
    """It is told and left out where the next row has a text; where it has none either, the first is named."""
    rows = [{"config": {"model": "m"}, "seed": 1}, {"question": QUESTION, "text": "12"}]
    log, outputs = read(tmp_path / "o.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [o.text for o in outputs] == ["12"]
    assert [(u.where, u.reason) for u in log.unread] == [
        (f"{tmp_path / 'o.jsonl'} row 1", "has no text field (it has config, seed), as the rows after it have")
    ]
    with pytest.raises(MissingField, match=r"row 1 has no text field \(it has turns\); name it with --text-field"):
        read(tmp_path / "o.jsonl", '{"turns": []}\n' * 2)


def test_names_of_models_act_on_no_terminal(
    cli: Callable[..., subprocess.CompletedProcess[str]], benchmark: Benchmark, tmp_path: Path
) -> None:
    """Escapes and marks that turn the direction of writing are shown as what they are."""
    name = "a\x1b[31mred\u202e\x07"
    for file, models in (("one.jsonl", [name]), ("two.jsonl", [name, name + "b"])):
        rows = [{"question": QUESTION, "text": "12", "model": model} for model in models]
        (tmp_path / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = ("-t", "gsm8k", "--source", f"gsm8k={benchmark.origin}")
    done = cli("score", tmp_path / "one.jsonl", *source, "-o", tmp_path / "run")
    told = [done, cli("score", tmp_path / "two.jsonl", *source, "-o", tmp_path / "x")]
    told += [cli("agree", "-r", tmp_path / "run", "-o", tmp_path / "agree"), cli("verify", tmp_path / "run")]
    assert [one.returncode for one in told] == [0, 2, 0, 0]
    assert "a\\x1b[31mred\\u202e\\x07" in done.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set("".join(one.stdout + one.stderr for one in told))


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (["a b", "c"], ("a b", "c")),
        (["A. one", "B. two"], ("one", "two")),
        (["(A) one", "(B) two"], ("one", "two")),
        ({"B": "two", "A": "one"}, ("one", "two")),
        ({"label": ["A", "B"], "text": ["one", "two"]}, ("one", "two")),
        ([{"label": "A", "text": "one"}, {"label": "B", "text": "two"}], ("one", "two")),
        ([1, 2.5], ("1", "2.5")),
        (["A", "B"], ()),
        (["one"], ()),
        (["one", None], ()),
        ("one", ()),
        (None, ()),
    ],
)
def test_options_are_read_as_logs_write_them(value: Any, options: tuple[str, ...]) -> None:
    """Lists, objects by letter, labels beside texts; letters alone are no texts."""
    assert options_of(value) == options
