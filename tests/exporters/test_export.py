"""A run in other programs' formats: valid where a schema says so, and the same records when it is imported again."""

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pyarrow.parquet as pq
import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.exporters import Kind, export
from rarl_eval.importers import Fields
from rarl_eval.models import Completion, Request, Sampling
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark, Record, Reward, Tokens

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "every_eval_ever"
KINDS: tuple[Kind, ...] = get_args(Kind)


class Scripted:
    """Says something else for each sample: right, wrong, marked reasoning, reasoning apart, cut off, failed."""

    def describe(self) -> dict[str, Any]:
        return {"adapter": "scripted", "name": "example/model-1"}

    def close(self) -> None:
        pass

    def generate(self, requests: Any) -> Any:
        for n, request in enumerate(requests):
            yield self._answer(n % 6, request)

    def _answer(self, kind: int, request: Request) -> Completion:
        counts = Tokens(prompt=10, reasoning=3, answer=2, completion=5, counted_by="server")
        said = [
            {"text": "<think>a\u2028b</think>\\boxed{151}", "stop": "end", "tokens": counts, "seconds": 0.25},
            {"text": "#### 151", "reasoning": "apart </think> too", "stop": "end"},
            {"text": "<think>and so it is 49", "stop": "length", "tokens": Tokens(completion=7, counted_by="server")},
            {"stop": "error", "error": "HTTP 500", "meta": {"tries": 6}},
            {"text": "=1+1, no answer\x1b[2J", "stop": "end", "meta": {"served_by": "b"}},
            {"text": "", "stop": "end"},
        ][kind]
        recorded = (Reward(name="rm", judge="discriminative", score=0.5, steps=(0.1, 0.9)),) if kind < 2 else ()
        return Completion(request=request, rewards=recorded, **said)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def benchmarks() -> list[Benchmark]:
    return [data.load(task) for task in registry.tasks("demo_math,demo_medicine")]


@pytest.fixture(scope="module")
def made(benchmarks: list[Benchmark], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two tasks with every kind of record."""
    out = tmp_path_factory.mktemp("made") / "run"
    settings = Settings(samples=3, limit=4, sampling=Sampling(temperature=0.5, max_tokens=64))
    run(benchmarks, Scripted(), out, settings)
    return out


def files_of(folder: Path, kind: Kind, task: str) -> list[Path]:
    pattern = {
        "eee": f"data/{task}/*/*/*_samples.jsonl",
        "lm-eval": f"*/samples_{task}_*.jsonl",
        "parquet": "records.parquet",
        "datasets": f"data/{task}.parquet",
    }[kind]
    return sorted(folder.glob(pattern))


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def of_task(records: list[Record], task: str) -> list[Record]:
    return [r for r in records if r.trace.task == task]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("task", ["demo_math", "demo_medicine"])
def test_an_export_imported_again_is_the_same_records(
    kind: Kind, task: str, made: Path, benchmarks: list[Benchmark], tmp_path: Path
) -> None:
    """Texts, reasoning, answers, tokens, stops, seeds, errors, meta, verdicts and rewards all come back."""
    export(made, kind, tmp_path / "out")
    benchmark = next(b for b in benchmarks if b.task.name == task)
    score(files_of(tmp_path / "out", kind, task), benchmark, tmp_path / "again")
    before, after = store.read_run(made).records, store.read_run(tmp_path / "again").records
    assert of_task(after, task) == of_task(before, task)
    assert len(after) == 12


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_run_gives_the_same_bytes(kind: Kind, made: Path, tmp_path: Path) -> None:
    """Nothing in an export depends on when or where it is written."""
    for name in ("a", "b"):
        export(made, kind, tmp_path / name)
    assert [p.relative_to(tmp_path / "a") for p in sorted((tmp_path / "a").rglob("*"))] == [
        p.relative_to(tmp_path / "b") for p in sorted((tmp_path / "b").rglob("*"))
    ]
    for file in (tmp_path / "a").rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()


def test_the_schema_of_every_eval_ever_holds(made: Path, tmp_path: Path) -> None:
    """Aggregates and instance records validate against the published 0.3.0 schemas, and point at each other."""
    schemas = {
        name: json.loads((SCHEMAS / f"{name}.schema.json").read_text()) for name in ("eval", "instance_level_eval")
    }
    whole, single = (jsonschema.Draft7Validator(schemas[n]) for n in ("eval", "instance_level_eval"))
    export(made, "eee", tmp_path)
    aggregates = sorted(tmp_path.glob("data/*/*/*/*.json"))
    assert len(aggregates) == 2
    for file in aggregates:
        aggregate = json.loads(file.read_text())
        whole.validate(aggregate)
        pointer = aggregate["detailed_evaluation_results"]
        content = (tmp_path / pointer["file_path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == pointer["checksum"]
        rows = [json.loads(line) for line in content.decode().split("\n")[:-1]]
        assert len(rows) == pointer["total_rows"] == 12
        for row in rows:
            single.validate(row)
            assert row["evaluation_id"] == aggregate["evaluation_id"]
            assert row["evaluation_result_id"] == aggregate["evaluation_results"][0]["evaluation_result_id"]


def test_a_failed_call_is_marked_and_in_no_aggregate(made: Path, tmp_path: Path) -> None:
    """Failed calls carry their error; the aggregate's score is the mean over items of what was judged."""
    export(made, "eee", tmp_path)
    (file,) = tmp_path.glob("data/demo_math/*/*/*.json")
    result = json.loads(file.read_text())["evaluation_results"][0]
    rows = rows_of(next(tmp_path.glob("data/demo_math/*/*/*_samples.jsonl")))
    assert [row["error"] for row in rows] == ([None] * 3 + ["HTTP 500"] + [None] * 2) * 2
    assert result["score_details"]["details"]["error"] == "2"
    # Item 1 has two right answers of three; item 2 one failed call and two without an answer; 3 and 4 alike, for them
    # 151 is wrong.
    assert result["score_details"]["score"] == pytest.approx((2 / 3) / 4)
    assert rows[0]["token_usage"] == {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "reasoning_tokens": 3}
    assert rows[2]["token_usage"] is None


def test_lm_evals_shape_has_its_totals(made: Path, tmp_path: Path) -> None:
    """results_*.json has the keys that lm-eval's readers look for, and each question has its share of right answers."""
    export(made, "lm-eval", tmp_path)
    results = json.loads(next(tmp_path.glob("example__model-1/results_*.json")).read_text())
    wanted = {"results", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "model_name"}
    assert wanted <= results.keys()
    assert results["results"]["demo_math"]["acc,none"] == pytest.approx((2 / 3) / 4)
    rows = rows_of(next(tmp_path.glob("*/samples_demo_math_*.jsonl")))
    assert [row["acc"] for row in rows] == [pytest.approx(2 / 3), 0, 0, 0]
    assert [len(row["resps"][0]) for row in rows] == [3] * 4


def test_parquet_has_a_column_for_what_people_filter_by(made: Path, tmp_path: Path) -> None:
    """Both tasks are in one table; null means unknown."""
    export(made, "parquet", tmp_path)
    rows = pq.read_table(tmp_path / "records.parquet").to_pylist()
    assert len(rows) == 24
    assert [r["correct"] for r in rows[:4]] == [True, True, False, None]
    assert [r["stop"] for r in rows[:4]] == ["end", "end", "length", "error"]
    assert [r["completion_tokens"] for r in rows[:4]] == [5, None, 7, None]


def test_the_folder_loads_as_a_dataset(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets.load_dataset` opens the folder with a configuration for each task."""
    import datasets

    export(made, "datasets", tmp_path / "out")
    for task in ("demo_math", "demo_medicine"):
        table = datasets.load_dataset(str(tmp_path / "out"), task, split="train", cache_dir=str(tmp_path / "cache"))
        assert (len(table), set(table["task"])) == (12, {task})


def test_csv_made_from_it_is_imported_with_its_numbers(made: Path, benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """Generic rows: counts and scores that a CSV spells as text are numbers again, and empty cells unknown."""
    path = tmp_path / "o.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text", "n", "ok", "rm"])
        writer.writerows([["math-00", "151", "12", "1", "0.75"], ["math-01", "9", "", "true", ""]])
    fields = Fields(tokens="n", score="ok", rewards={"rm": "rm"})
    done = score([path], benchmarks[0], tmp_path / "run", fields=fields, trust_ids=True)
    first, second = store.read_run(tmp_path / "run").records
    assert [r.trace.tokens.completion for r in (first, second)] == [12, None]
    assert [next(x.score for x in r.rewards if x.name == "rm") for r in (first, second)] == [0.75, None]
    assert (done.comparisons[0].compared, done.comparisons[0].only_theirs) == (2, 1)


def test_an_edited_envelope_is_ignored(made: Path, benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """What is judged is the text that stands in the file, whatever an envelope claims."""
    export(made, "eee", tmp_path / "out")
    (file,) = files_of(tmp_path / "out", "eee", "demo_math")
    row = json.loads(file.read_text().split("\n")[0])
    row["metadata"]["rarl_eval"] = '{"record": 3}'
    row["output"]["raw"] = ["\\boxed{9}"]
    file.write_text(json.dumps(row) + "\n")
    score([file], benchmarks[0], tmp_path / "run")
    (record,) = store.read_run(tmp_path / "run").records
    assert record.verdict is not None
    assert (record.verdict.status, record.trace.stop) == ("incorrect", None)


def test_nothing_to_export_is_said(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """A run without records, a folder that is no run and a folder that is full are refused with a sentence."""
    run([], Scripted(), tmp_path / "empty", Settings())
    with pytest.raises(BadInput, match="holds no record"):
        export(tmp_path / "empty", "eee", tmp_path / "a")
    with pytest.raises(BadInput, match="no run directory"):
        export(tmp_path, "eee", tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_full_folder_is_left_alone(made: Path, tmp_path: Path) -> None:
    """What stands in the output folder stays."""
    (tmp_path / "kept").write_text("x")
    with pytest.raises(BadInput, match="no empty folder"):
        export(made, "parquet", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_only_failed_calls_have_no_score(benchmarks: list[Benchmark], tmp_path: Path) -> None:
    """Every Eval Ever needs a score: a run without one is refused, and leaves nothing half-written."""

    class Failing(Scripted):
        def _answer(self, kind: int, request: Request) -> Completion:
            return Completion(request=request, stop="error", error="down")

    run(benchmarks[:1], Failing(), tmp_path / "run", Settings(limit=1))
    with pytest.raises(BadInput, match="no judged answer of demo_math"):
        export(tmp_path / "run", "eee", tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run"]
    export(tmp_path / "run", "parquet", tmp_path / "out")


@pytest.mark.parametrize("sample", [-1, 2**40, 2**62])
def test_a_sample_number_that_was_made_up_is_not_believed(
    sample: int, made: Path, benchmarks: list[Benchmark], tmp_path: Path
) -> None:
    """Sample numbers that no run has become the next free one; two of one number do not displace each other."""
    export(made, "eee", tmp_path / "out")
    (file,) = files_of(tmp_path / "out", "eee", "demo_math")
    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n")[:2]]
    for row in rows:
        row["metadata"]["rarl_eval"] = re.sub(r'"sample":\d+', f'"sample":{sample}', row["metadata"]["rarl_eval"])
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    score([file], benchmarks[0], tmp_path / "run")
    assert [r.trace.sample for r in store.read_run(tmp_path / "run").records] == [0, 1]
