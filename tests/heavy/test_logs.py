"""The real packages, each in an environment of its own, write logs that are read and read what is written.

Environments are made under ``.venv-heavy/logs`` on the first use, or found in the folder RARL_EVAL_LOG_VENVS
(one environment for each name below). Where a package cannot be installed the test says so and skips.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import rarl_eval_demo

from rarl_eval import data, registry
from rarl_eval.exporters import export
from rarl_eval.importers import read_log
from rarl_eval.importers.disagreements import Comparison
from rarl_eval.models import Options
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.score import score

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "logs"
NEEDS = {
    "lm_eval": ["lm-eval==0.4.13", "transformers", "torch", "accelerate"],
    "inspect": ["inspect_ai==0.3.285"],
    # lighteval hashes text, which later versions of xxhash refuse.
    "lighteval": ["lighteval==0.13.0", "xxhash<3.6"],
    "eee": ["every-eval-ever==0.3.0"],
}
PYTHONS = {"eee": "python3.12"}
OURS = ["correct", "no_answer", "correct", "incorrect", "incorrect", "correct"]


def environment(name: str) -> Path:
    """Return the folder of programs of an environment that has the package, made if need be."""
    home = Path(os.environ.get("RARL_EVAL_LOG_VENVS", ROOT / ".venv-heavy" / "logs")) / name
    if not (home / "bin" / "python").exists():
        commands = [
            [PYTHONS.get(name, sys.executable), "-m", "venv", str(home)],
            [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *NEEDS[name]],
        ]
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=1800)
            except (OSError, subprocess.SubprocessError) as error:
                pytest.skip(f"no environment with {NEEDS[name][0]} could be made: {error}")
    return home / "bin"


def call(name: str, *arguments: object) -> str:
    """Run a program of an environment, offline."""
    program, *rest = map(str, arguments)
    done = subprocess.run(
        [str(environment(name) / program), *rest], capture_output=True, text=True, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


PATTERNS = {
    "lm_eval": "*/samples_*.jsonl",
    "inspect": "*.eval",
    "lighteval": "details/*/*/*/*.parquet",
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_log_written_now_gives_the_same_verdicts_as_the_kept_one(name: str, tmp_path: Path) -> None:
    """Texts and verdicts are those of the script, and the log's own scores add up to the log's own totals."""
    call(name, "python", SCRIPTS / f"make_{name}.py", tmp_path / "logs")
    (path,) = (tmp_path / "logs").glob(PATTERNS[name])
    done = score([path], data.load(registry.tasks("demo_math")[0]), tmp_path / "run")
    verdicts = [r.verdict for r in store.read_run(tmp_path / "run").records]
    assert [v.status for v in verdicts if v] == OURS
    assert done.comparisons
    assert all(_adds_up(c) for c in done.comparisons)


def _adds_up(comparison: Comparison) -> bool:
    return comparison.reported == pytest.approx(comparison.right_theirs / comparison.compared)


def test_inspect_reads_its_log_as_we_do(tmp_path: Path) -> None:
    """Ids, texts, reasoning, tokens and stop reasons equal what inspect_ai itself gives back."""
    call("inspect", "python", SCRIPTS / "make_inspect.py", tmp_path)
    for path in (*tmp_path.glob("*.eval"), *tmp_path.glob("*.json")):
        theirs = list(map(json.loads, call("inspect", "python", SCRIPTS / "read_inspect.py", path).splitlines()))
        ours = list(read_log(path).outputs)
        key = {(o.item_id, o.text, o.reasoning, o.tokens.prompt, o.tokens.completion, o.tokens.reasoning) for o in ours}
        assert key == {(t["id"], t["text"], "\n".join(t["reasoning"]), *t["tokens"]) for t in theirs}
        assert len(ours) == len(theirs)
        assert sorted(o.stop or "" for o in ours) == sorted({"stop": "end"}.get(t["stop"], "length") for t in theirs)


def test_a_real_model_under_lm_eval_is_imported(tmp_path: Path) -> None:
    """A tiny random model's noise, logged by lm-eval's own hf back-end, reaches its six items."""
    build = "import sys; sys.path.insert(0, sys.argv[1]); import tiny, pathlib; tiny.build(pathlib.Path(sys.argv[2]))"
    model = tmp_path / "tiny-llama"
    call("lm_eval", "python", "-c", build, ROOT / "tests", model)
    call("lm_eval", "python", SCRIPTS / "make_lm_eval.py", tmp_path / "logs", model)
    (path,) = (tmp_path / "logs").glob("*/samples_*.jsonl")
    done = score([path], data.load(registry.tasks("demo_math")[0]), tmp_path / "run")
    assert (done.matched, done.rows, done.model) == (6, 6, str(model))
    logged = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    texts = {row["doc"]["id"]: row["resps"][0][0] for row in logged}
    assert {r.trace.item_id: r.trace.text for r in store.read_run(tmp_path / "run").records} == texts


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A run of the demo's careful model."""
    benchmarks = [data.load(task) for task in registry.tasks("demo_math,demo_medicine")]
    model = registry.load("models", "replay")(str(rarl_eval_demo.path("outputs_demo-careful.jsonl")), Options())
    run(benchmarks, model, tmp_path / "run", Settings(samples=3))
    return tmp_path / "run"


def test_every_eval_ever_accepts_our_export(made: Path, tmp_path: Path) -> None:
    """Its own validator passes every file without an error or a warning."""
    export(made, "eee", tmp_path / "out")
    files = sorted(p.relative_to(tmp_path / "out") for p in (tmp_path / "out").glob("data/*/*/*/*"))
    program = environment("eee") / "every_eval_ever"
    done = subprocess.run(
        [str(program), "validate", *map(str, files)], capture_output=True, text=True, cwd=tmp_path / "out", check=False
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed, 0 warning-only, 0 failed" in done.stdout


def test_lm_eval_prints_our_export(made: Path, tmp_path: Path) -> None:
    """Its own table has a line of accuracy with its standard error for each task."""
    export(made, "lm-eval", tmp_path / "out")
    (path,) = (tmp_path / "out").glob("*/results_*.json")
    show = "import json, sys; from lm_eval.utils import make_table; print(make_table(json.load(open(sys.argv[1]))))"
    table = call("lm_eval", "python", "-c", show, path)
    lines = [line.split("|") for line in table.splitlines() if "demo_" in line]
    assert [line[1].strip() for line in lines] == ["demo_math", "demo_medicine"]
    totals = json.loads(path.read_text())["results"]
    assert [line[7].strip() for line in lines] == [
        f"{totals[t]['acc,none']:.4f}" for t in ("demo_math", "demo_medicine")
    ]


SHUFFLED = {"inspect": (6, 2), "lm_eval": (2, 1)}
"""Logs that each package writes of shuffled options and of numbers, and those whose letters are another order's."""


@pytest.mark.parametrize("name", SHUFFLED)
def test_shuffled_options_give_the_packages_own_verdicts(name: str, tmp_path: Path) -> None:
    """On every sample of lm-eval's own GPQA and inspect's ``shuffle_choices`` our verdict is theirs, by each score."""
    call(name, "python", SCRIPTS / f"make_shuffled_{name}.py", tmp_path / "logs")
    call(name, "python", "-c", WRITE, SCRIPTS, tmp_path)
    files = sorted(file for file in (tmp_path / "logs").rglob("*.*") if "results" not in file.name)
    turned = 0
    for place, file in enumerate(files):
        task, rows = ("medqa", "choices") if "choices" in file.name else ("gsm8k", "sums")
        benchmark = data.load(registry.tasks(task)[0], {task: str(tmp_path / f"{rows}.jsonl")})
        done = score([file], benchmark, tmp_path / f"run{place}")
        records = list(store.read_run(tmp_path / f"run{place}").records)
        assert done.identity.proved == len(records) == len(benchmark.items) == 12
        assert [r.verdict.correct for r in records if r.verdict] == [n % 3 != 0 for n in range(12)]
        assert [r.trace.meta["original"]["scores"] for r in records] == [
            {c.score: float(n % 3 != 0) for c in done.comparisons} for n in range(12)
        ]
        assert all(_adds_up(c) and c.only_ours == c.only_theirs == 0 for c in done.comparisons)
        turned += any("options" in r.trace.meta for r in records)
    assert (len(files), turned) == SHUFFLED[name]


WRITE = (
    "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import shuffled; shuffled.write(pathlib.Path(sys.argv[2]))"
)
