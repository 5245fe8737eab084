"""Logs that the real packages wrote of six scripted answers (tests/heavy/logs), read and judged again."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.importers import Format, read_log, read_outputs
from rarl_eval.importers.archive import read_member
from rarl_eval.runs import store
from rarl_eval.score import ScoredOutputs, score
from rarl_eval.types import Benchmark, Record

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
FILES = {
    "lm-eval": next(LOGS.glob("lm_eval/*/samples_*.jsonl")),
    "inspect": LOGS / "inspect" / "demo_math.eval",
    "lighteval": next(LOGS.glob("lighteval/details/*/*/*/*.parquet")),
    "eee": next(LOGS.glob("eee/*/*/*/*_samples.jsonl")),
}
OURS = ["correct", "no_answer", "correct", "incorrect", "incorrect", "correct"]
"""What is true of the six answers; the second was cut off inside its reasoning."""


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    return data.load(registry.tasks("demo_math")[0])


def scored(path: Path, benchmark: Benchmark, out: Path) -> tuple[ScoredOutputs, list[Record]]:
    return score([path], benchmark, out), store.read_run(out).records


@pytest.mark.parametrize("form", ["lm-eval", "inspect", "lighteval"])
def test_a_log_is_recognised_and_judged_by_our_rules(form: Format, benchmark: Benchmark, tmp_path: Path) -> None:
    """Each harness's log gives the six items their true verdicts, whatever its own scorer said."""
    done, records = scored(FILES[form], benchmark, tmp_path / "run")
    assert (done.harnesses, done.matched, done.identity.proved, done.failed) == ((form,), 6, 6, 0)
    assert [r.trace.item_id for r in records] == [f"math-0{n}" for n in range(6)]
    assert [r.verdict.status for r in records if r.verdict] == OURS
    assert {r.trace.meta["original"]["harness"] for r in records} == {form}
    assert records[1].trace.answer == ""
    assert records[1].trace.reasoning is not None
    assert records[1].trace.reasoning.endswith("41 less would leave 49")


@pytest.mark.parametrize(
    ("form", "model", "totals"),
    [
        ("lm-eval", "example/scripted", {"exact_match,first-box": 3 / 6, "exact_match,last-number": 4 / 6}),
        ("inspect", "mockllm/model", {"pattern": 3 / 6, "match": 0.0}),
        ("lighteval", "example/scripted", {"extractive_match": 4 / 6}),
        ("eee", "example/scripted", {"exact_match:first-box": 3 / 6, "exact_match:last-number": 4 / 6}),
    ],
)
def test_totals_are_those_the_package_reports(
    form: Format, model: str, totals: dict[str, float], benchmark: Benchmark, tmp_path: Path
) -> None:
    """Model and totals come from the results beside the samples; the samples' own scores add up to them."""
    done, _ = scored(FILES[form], benchmark, tmp_path / "run")
    assert done.model == model
    assert {c.score: c.reported for c in done.comparisons} == totals
    (entry,) = store.read_manifest(tmp_path / "run")["inputs"]
    assert (entry["harness"], entry["reported"]) == (form, totals)
    for c in done.comparisons:
        if not c.not_compared:
            assert c.right_theirs / c.compared == totals[c.score]


def test_what_others_misread_is_exposed(benchmark: Benchmark, tmp_path: Path) -> None:
    """A last number read from cut-off thinking and a first box that was taken back are told, with their reasons."""
    done, _ = scored(FILES["lm-eval"], benchmark, tmp_path / "run")
    first, last = done.comparisons
    assert (first.only_theirs, first.only_ours, last.only_theirs, last.only_ours) == (1, 1, 1, 0)
    assert last.why == {"theirs alone says right: no_answer, cut off": 1}
    told = json.loads((tmp_path / "run" / "disagreements.json").read_text())
    assert [(d["score"], d["item_id"], d["their_answer"], d["extracted"]) for d in told["differences"]] == [
        ("exact_match,last-number", "math-01", "49", None),
        ("exact_match,first-box", "math-02", "221", "187"),
        ("exact_match,first-box", "math-04", "88", "89"),
    ]
    assert msgspec.convert(told["scores"], list[dict[str, Any]])[0]["compared"] == 6


def test_inspect_keeps_tokens_reasoning_and_stops(benchmark: Benchmark, tmp_path: Path) -> None:
    """Token counts, the reasoning apart, the finish reason and the time are the log's."""
    _, records = scored(FILES["inspect"], benchmark, tmp_path / "run")
    tokens = [(t.prompt, t.reasoning, t.answer, t.completion) for t in (r.trace.tokens for r in records)]
    assert tokens[:2] == [(43, 14, 4, 18), (43, 13, 0, 13)]
    assert [r.trace.stop for r in records] == ["end", "length", "end", "end", "end", "end"]
    assert all(r.trace.seconds is not None for r in records)


def test_inspects_json_has_epochs_as_samples(benchmark: Benchmark, tmp_path: Path) -> None:
    """The JSON log of two items in two epochs is four traces, also gzipped."""
    _, records = scored(LOGS / "inspect" / "demo_math.json.gz", benchmark, tmp_path / "run")
    assert [(r.trace.item_id, r.trace.sample) for r in records] == [(f"math-0{n}", k) for n in (0, 1) for k in (0, 1)]


def test_lighteval_counts_its_tokens(benchmark: Benchmark, tmp_path: Path) -> None:
    """Lengths of its token lists are the counts; the question is found inside its prompt."""
    done, records = scored(FILES["lighteval"], benchmark, tmp_path / "run")
    assert done.how == {"prompt": 6}
    assert [r.trace.tokens.completion for r in records] == [20, 14, 17, 14, 18, 16]


def test_an_instance_record_that_lost_the_text_is_judged_as_what_is_left(benchmark: Benchmark, tmp_path: Path) -> None:
    """The lm-eval converter of every-eval-ever stores the filtered answer: a score of another text is not compared."""
    done, records = scored(FILES["eee"], benchmark, tmp_path / "run")
    assert [r.trace.text for r in records] == ["151", "[invalid]", "221", "130", "88", "597"]
    assert [(c.compared, c.not_compared) for c in done.comparisons] == [(6, 0), (3, 3)]


def test_a_results_file_beside_its_samples_is_not_read_as_outputs(benchmark: Benchmark, tmp_path: Path) -> None:
    """A shell glob over the whole folder works; totals alone are refused."""
    folder = FILES["lm-eval"].parent
    assert score(sorted(folder.iterdir()), benchmark, tmp_path / "run").rows == 6
    assert score(sorted(folder.iterdir()), benchmark, tmp_path / "same", form="lm-eval").rows == 6
    with pytest.raises(BadInput, match="holds totals and no outputs"):
        score(sorted(folder.glob("results_*")), benchmark, tmp_path / "other")


@pytest.mark.parametrize("form", ["lm-eval", "inspect", "lighteval", "eee"])
def test_a_log_alone_is_still_read(form: Format, benchmark: Benchmark, tmp_path: Path) -> None:
    """Away from its folder, under another name, a log is recognised by what it holds."""
    copy = tmp_path / f"outputs{FILES[form].suffix}"
    shutil.copyfile(FILES[form], copy)
    assert read_log(copy).harness == form
    assert len(list(read_outputs(copy))) == 6
    assert score([copy], benchmark, tmp_path / "run").matched == 6


@pytest.mark.parametrize("form", ["lm-eval", "inspect", "lighteval", "eee", "rarl-eval"])
def test_a_format_that_was_asked_for_is_insisted_on(form: Format, tmp_path: Path) -> None:
    """--format names the format, and a file of another says which it is not."""
    plain = tmp_path / "o.jsonl"
    plain.write_text('{"id": "0", "text": "3"}\n')
    with pytest.raises(BadInput, match="is no "):
        read_outputs(plain, form)


def test_a_template_that_opened_the_reasoning_leaves_no_answer(benchmark: Benchmark, tmp_path: Path) -> None:
    """A prompt that ends in <think> and a reply without </think>: all of it is reasoning, none of it is graded."""
    question = benchmark.items[1].question
    row = {"doc_id": 0, "doc": {"question": question}, "target": "49", "resps": [["so the answer is 49"]],
           "filtered_resps": ["49"], "filter": "none", "metrics": ["acc"], "acc": 1.0,
           "arguments": {"gen_args_0": {"arg_0": f"{question}\n<think>\n", "arg_1": {}}}}  # fmt: skip
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(row) + "\n")
    done, (record,) = scored(path, benchmark, tmp_path / "run")
    assert record.verdict is not None
    assert (record.verdict.status, record.trace.reasoning) == ("no_answer", "so the answer is 49")
    assert done.comparisons[0].why == {"theirs alone says right: no_answer, cut off": 1}


def test_scored_choices_are_not_texts(tmp_path: Path) -> None:
    """Log-likelihood rows hold no text of the model and are refused with a sentence."""
    row = {"doc_id": 0, "doc": {}, "resps": [[["-1.5", "False"]]], "filter": "none",
           "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " A"}}}  # fmt: skip
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(row) + "\n")
    with pytest.raises(BadInput, match="is it a generation task"):
        list(read_outputs(path))


def test_a_failed_sample_is_a_failed_call(benchmark: Benchmark, tmp_path: Path) -> None:
    """An inspect sample that ended in an error is kept and judged as nothing; its score is not compared."""
    item = benchmark.items[0]
    sample = {"id": item.id, "epoch": 1, "input": item.question, "target": item.gold, "output": {"choices": []},
              "error": {"message": "boom"}, "scores": {"match": {"value": "I"}}}  # fmt: skip
    log = {"version": 2, "status": "error", "eval": {"model": "m"}, "samples": [sample]}
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log))
    done, (record,) = scored(path, benchmark, tmp_path / "run")
    assert (done.failed, record.trace.stop, record.trace.error, record.verdict) == (1, "error", "boom", None)
    assert (done.comparisons[0].compared, done.comparisons[0].not_compared) == (0, 1)


def test_a_repeated_request_is_not_given_the_score_of_all(benchmark: Benchmark, tmp_path: Path) -> None:
    """A score that lm-eval gave to several texts of one question is held against none of them."""
    row = {"doc_id": 0, "doc": {"question": benchmark.items[0].question}, "resps": [["151", "9"]], "filter": "maj",
           "metrics": ["acc"], "acc": 1.0}  # fmt: skip
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(row) + "\n")
    done, records = scored(path, benchmark, tmp_path / "run")
    assert (done.comparisons, [r.verdict.status for r in records if r.verdict]) == ((), ["correct", "incorrect"])
    assert not (tmp_path / "run" / "disagreements.json").exists()


def test_attachments_are_resolved(benchmark: Benchmark, tmp_path: Path) -> None:
    """Long texts that inspect stores once and refers to by hash are put back."""
    item = benchmark.items[0]
    message = {"role": "assistant", "content": [{"type": "text", "text": "attachment://ab"}]}
    sample = {"id": 1, "epoch": 1, "input": "attachment://cd", "attachments": {"ab": "#### 151", "cd": item.question},
              "output": {"choices": [{"message": message, "stop_reason": "stop"}]}}  # fmt: skip
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"version": 2, "status": "success", "eval": {}, "samples": [sample]}))
    _, (record,) = scored(path, benchmark, tmp_path / "run")
    assert (record.trace.text, record.trace.item_id) == ("#### 151", item.id)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_other_methods_are_read(method: int, benchmark: Benchmark, tmp_path: Path) -> None:
    """Stored and deflated members, as older versions wrote them, read the same as zstd ones."""
    copy = tmp_path / "old.eval"
    with zipfile.ZipFile(FILES["inspect"]) as archive, zipfile.ZipFile(copy, "w", method) as old:
        for name in archive.namelist():
            old.writestr(name, read_member(FILES["inspect"], archive, name))
    assert [o.text for o in read_outputs(copy)] == [o.text for o in read_outputs(FILES["inspect"])]


def test_a_log_of_a_run_that_is_not_over_is_read(tmp_path: Path) -> None:
    """Without header.json the journal's start describes the log."""
    copy = tmp_path / "running.eval"
    with zipfile.ZipFile(FILES["inspect"]) as archive, zipfile.ZipFile(copy, "w") as running:
        for name in archive.namelist():
            if name not in {"header.json", "summaries.json", "reductions.json"}:
                running.writestr(name, read_member(FILES["inspect"], archive, name))
    log = read_log(copy)
    assert ({o.model for o in log.outputs}, log.reported) == ({"mockllm/model"}, {})
