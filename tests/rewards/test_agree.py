"""The agreement report over runs: parts, domains, labels, kinship, policies, and bytes that repeat."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rarl_eval_demo
from reward_runs import make_run

from rarl_eval import data, registry
from rarl_eval.models import Options
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_source
from rarl_eval.run import Settings, run
from rarl_eval.runs import store

Cli = Callable[..., subprocess.CompletedProcess[str]]


def replay(name: str, out: Path) -> Path:
    benchmarks = [data.load(t) for t in registry.tasks("demo_math,demo_finance")]
    model = registry.load("models", "replay")(str(rarl_eval_demo.path(f"outputs_{name}.jsonl")), Options())
    run(benchmarks, model, out, Settings(samples=3))
    return out


def add(path: Path, code: str, tmp_path: Path, **reach: str) -> None:
    (tmp_path / "mine.py").write_text(code)
    add_rewards(path, [open_source(f"{tmp_path}/mine.py:f", Reach(**reach))])  # type: ignore[arg-type]


def agreed(cli: Cli, out: Path, *arguments: object) -> dict:
    done = cli("agree", *arguments, "-o", out, "--replicates", "100")
    assert done.returncode == 0, done.stderr
    return json.loads((out / "agreement.json").read_text())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Two imagined models' runs on two domains, and a scan of the corpus that holds some of the items."""
    folder = tmp_path_factory.mktemp("demo")
    runs = [replay(name, folder / name) for name in ("demo-careful", "demo-memoriser")]
    benchmarks = [data.load(t) for t in registry.tasks("demo_math,demo_finance")]
    registry.load("contamination", "scan")(
        benchmarks,
        [rarl_eval_demo.path("corpus.jsonl")],
        folder / "scan",
        fields=["text"],
        say=lambda _: None,
        progress=lambda *_: None,
    )
    return runs[0], runs[1], folder / "scan"


def test_parts_domains_and_policies_stand_in_the_report(
    cli: Cli, demo: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """Clean, flagged and unscanned add up to all; each domain and both directions of the shift are there; bytes repeat."""
    careful, memoriser, scan = demo
    report = agreed(cli, tmp_path / "a", "-r", careful, "-r", memoriser, "-s", scan)
    for entry in report["rewards"]:
        parts = [entry[p]["n"] for p in ("clean", "flagged", "unscanned")]
        assert sum(parts) == entry["all"]["n"]
        assert parts[1] > 0
    judged = [d for d in report["domains"] if d["reward"] == "demo-judge"]
    assert [(d["domain"], d["tasks"]) for d in judged] == [("finance", ["demo_finance"]), ("math", ["demo_math"])]
    shift = {(s["base"], s["to"]): s for s in report["shifts"] if (s["reward"], s["metric"]) == ("demo-judge", "auroc")}
    there, back = shift["math", "finance"]["difference"], shift["finance", "math"]["difference"]
    assert there["value"] == pytest.approx(-back["value"])
    assert there["low"] <= there["value"] <= there["high"]
    policies = {p["policy"]: p for p in report["policies"] if (p["model"], p["task"]) == ("demo-careful", "demo_math")}
    assert policies["constant"]["false_pass"]["value"] == 1.0
    assert policies["null"]["false_fail"]["value"] == 1.0
    assert policies["constant"]["auroc"]["value"] == 0.5
    chance = policies["shuffled:demo-scorer"]["auroc"]
    assert chance["low"] < 0.5 < chance["high"]
    agreed(cli, tmp_path / "b", "-r", careful, "-r", memoriser, "-s", scan)
    for name in ("agreement.json", "agreement.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_step_scores_meet_labelled_faults(cli: Cli, tmp_path: Path) -> None:
    """Even samples are sound, odd ones fault at step 2; the reward names it, and one right answer came by a fault."""
    path = make_run(tmp_path / "run", items=4, samples=2)
    code = "def f(item, trace, verdict):\n    return [1, 1, 1, 1, 1] if trace.sample == 0 else [1, 1, 0.2, 0.1, 0]\n"
    add(path, code, tmp_path)
    records = [r for r in store.read_run(path).records if r.verdict]
    rows = [
        {"id": r.trace.item_id, "sample": r.trace.sample, "correct": r.verdict.correct, "first_error": 2 * (r.trace.sample % 2) or -1}
        for r in records
        if r.verdict
    ]  # fmt: skip
    rows[0]["first_error"] = 1
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = agreed(cli, tmp_path / "out", "-r", path, "--labels", labels)
    steps = next(e for e in report["rewards"] if e["reward"] == "f")["steps"]
    assert steps["n"] == 8
    assert steps["first_error"]["faulty"]["value"] == pytest.approx(4 / 5)
    assert steps["first_error"]["fault_free"]["value"] == 1.0
    assert steps["credit"]["exact"]["value"] == pytest.approx(4 / 5)
    assert steps["right_by_faulty_steps"]["value"] == pytest.approx(1 / 4)
    assert report["verdicts"][0]["corrected_accuracy"]["value"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"id": "zz", "correct": true}', "which no run holds"),
        ('{"correct": true}', "needs 'id' or 'key'"),
        ('{"id": "math-00", "correct": "yes"}', "expected true or false"),
        ('{"id": "math-00", "first_error": -2}', "expected a whole number"),
    ],
)
def test_bad_labels_are_named(cli: Cli, tmp_path: Path, row: str, said: str) -> None:
    """A label of nothing, or of the wrong kind, is a sentence with its row, and nothing is written."""
    path = make_run(tmp_path / "run", items=1, samples=1)
    (tmp_path / "labels.jsonl").write_text(row + "\n")
    done = cli("agree", "-r", path, "--labels", tmp_path / "labels.jsonl", "-o", tmp_path / "out")
    assert (done.returncode, said in done.stderr, (tmp_path / "out").exists()) == (2, True, False)


def test_a_judge_that_favours_its_own_model_is_named(cli: Cli, tmp_path: Path) -> None:
    """The judge `echo` passes all traces of the model `Verdict: correct` and fails the other model's: a sentence says so."""
    own = make_run(tmp_path / "own", items=6, model="Verdict: correct")
    other = make_run(tmp_path / "other", items=6, model="rival")
    add_rewards(own, [open_source("j=pointwise:echo:Verdict: correct", Reach())])
    add_rewards(other, [open_source("j=pointwise:echo:Verdict: incorrect", Reach())])
    report = agreed(cli, tmp_path / "out", "-r", own, "-r", other)
    entry = next(e for e in report["rewards"] if e["reward"] == "j" and e["run"] == "own")
    assert entry["own_model"] == "Verdict: correct"
    assert entry["self_preference"]["value"] == pytest.approx(1.0)
    assert any("higher than they deserve" in said for said in entry["findings"])


def test_a_second_verifier_is_held_against_the_verdict(cli: Cli, tmp_path: Path) -> None:
    """A grader that misses one right answer and passes two wrong ones: three disagreements, with item and gold."""
    path = make_run(tmp_path / "run", items=5, samples=2)
    code = (
        "def f(item, trace, verdict):\n"
        "    odd = item.id in {'math-01', 'math-02'} and trace.sample == 1 or item.id == 'math-03' and trace.sample == 0\n"
        "    return float(verdict.correct != odd)\n"
    )
    add(path, code, tmp_path)
    found = next(e for e in agreed(cli, tmp_path / "out", "-r", path)["rewards"] if e["reward"] == "f")["verifier"]
    assert (found["n"], found["passed_alone"], found["failed_alone"]) == (10, 2, 1)
    assert [(d["item"], d["sample"]) for d in found["disagreements"]] == [
        ("math-01", 1),
        ("math-02", 1),
        ("math-03", 0),
    ]
    assert found["accuracy"][0] < 0.5 < found["accuracy"][1]


def test_hostile_names_stay_text(cli: Cli, tmp_path: Path) -> None:
    """A model called like a table, a link or an escape sequence breaks neither the table nor the terminal."""
    path = make_run(tmp_path / "run", items=2, model="evil|[x](javascript:1)\n| <b>\x1b[31m")
    agreed(cli, tmp_path / "out", "-r", path)
    written = (tmp_path / "out" / "agreement.md").read_text()
    assert "\x1b" not in written
    assert "evil\\|\\[x\\](javascript\\:1)\\\\n\\| \\<b\\>" in written
    assert not any(line.startswith("| <b>") for line in written.split("\n"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--selected", "a"), "is not PICKED=BASE"),
        (("--selected", "a=m"), "of which the runs hold 0 rows"),
    ],
)
def test_wrong_options_are_one_sentence(cli: Cli, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be compared is told before anything is written."""
    path = make_run(tmp_path / "run", items=1, samples=1)
    done = cli("agree", "-r", path, *arguments, "-o", tmp_path / "out", "--replicates", "100")
    assert (done.returncode, said in done.stderr, (tmp_path / "out").exists()) == (2, True, False)


def test_a_kill_in_the_middle_loses_no_acknowledged_reward(tmp_path: Path) -> None:
    """The process dies at the 150th trace; what was committed is there, and the next call scores only the rest."""
    path = make_run(tmp_path / "run", items=25, samples=8)
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import os, time\ncalls = 0\n"
        "def f(item, trace, verdict):\n"
        "    global calls\n    calls += 1\n"
        "    if 'DIE' in os.environ and calls == 150:\n        time.sleep(0.5)\n        os._exit(9)\n"
        "    return 1.0\n"
    )
    code = (
        "import sys\nfrom pathlib import Path\nfrom rarl_eval.rewards import Reach\n"
        "from rarl_eval.rewards.add import add_rewards\nfrom rarl_eval.rewards.open import open_source\n"
        "add_rewards(Path(sys.argv[1]), [open_source(sys.argv[2], Reach())])\n"
    )
    import os

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "DIE": "1"}
    done = subprocess.run([sys.executable, "-c", code, str(path), f"{mine}:f"], env=environment, check=False)
    assert done.returncode == 9
    with store.Reader(path) as reader:
        kept = len(reader.scored("f"))
    assert 100 <= kept < 150
    added = add_rewards(path, [open_source(f"{mine}:f", Reach())])[0]
    assert (added.scored, added.kept) == (200 - kept, kept)
    assert {r.score for rec in store.read_run(path).records for r in rec.rewards if r.name == "f"} == {1.0}
