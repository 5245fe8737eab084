"""Rewards of every kind, live on a real and imperfect model's answers. Writes agreement.md. Needs transformers.

Base's eight recorded answers to 100 items that no model and no judge has seen: rules, the two reward models of the
laboratory (of the whole answer, and of each step) and the answers' own majority, held against the verdicts and against
the first faulty step, which is known.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rarl_eval import data, registry
from rarl_eval.agreement.build import Asked, build_agreement
from rarl_eval.demo import SAMPLING
from rarl_eval.models import Options
from rarl_eval.rewards import Reach
from rarl_eval.rewards.add import add_rewards
from rarl_eval.rewards.open import open_sources
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.tasks.laboratory import fixtures, judged


def main() -> None:
    began, scratch = time.process_time(), Path(tempfile.mkdtemp(prefix="laboratory-"))
    try:
        report = measured(scratch)
    finally:
        shutil.rmtree(scratch)
    text = told(report, time.process_time() - began)
    Path(__file__).with_suffix(".md").write_text(text)
    print(text)


def measured(scratch: Path) -> dict[str, Any]:
    """Replay base's answers, add the rewards, and measure their agreement with verdicts and known faults."""
    benchmark = data.load(registry.tasks(fixtures.SELECTION)[0])
    model = registry.load("models", "replay")(str(fixtures.recorded("lab-base")), Options())
    out = scratch / "run"
    run([benchmark], model, out, Settings(samples=fixtures.SELECTED, sampling=SAMPLING))
    models = [f"{n[4:]}={n[4:]}:hf:{fixtures.reward_model(n)}" for n in fixtures.REWARD_MODELS]
    add_rewards(out, open_sources(["verifier", "majority", "length:300", *models], Reach(cached=False)))
    labels = scratch / "labels.jsonl"
    items = {item.key: item for item in benchmark.items}
    with labels.open("w") as file:
        for record in store.read_run(out).records:
            truth = judged.solution(items[record.trace.key], record)
            slot = {"key": record.trace.key, "sample": record.trace.sample}
            file.write(json.dumps({**slot, "correct": truth.correct, "first_error": truth.first_error}) + "\n")
    return build_agreement([store.read_run(out)], Asked(labels=labels))


def told(report: dict[str, Any], seconds: float) -> str:
    parts = [
        "# Rewards of every kind on a real model's answers",
        (
            f"`python benchmarks/lab/agreement.py`, {seconds:.0f} CPU seconds. `lab-base`, {fixtures.SELECTED} "
            f"answers to each item of `{fixtures.SELECTION}`."
        ),
        "## Agreement with the verdict",
        table(
            ("reward", "n", "AUROC, 95 %"),
            ([r["reward"], str(r["all"]["n"]), _auroc(r)] for r in report["rewards"]),
        ),
        "## The first faulty step",
        table(
            ("reward", "found in faulty ones", "sound ones passed", "F1"),
            ([r["reward"], *_first(r["steps"]["first_error"])] for r in report["rewards"] if _has_steps(r)),
        ),
        "## Best of n",
        _scaling(report["scaling"][0]["points"]),
    ]
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Any) -> str:
    lines = [" | ".join(heads), " | ".join("---" for _ in heads), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _auroc(row: dict[str, Any]) -> str:
    return _interval(row["all"].get("auroc"))


def _interval(found: dict[str, Any] | None) -> str:
    return "–" if found is None else f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _has_steps(row: dict[str, Any]) -> bool:
    return bool((row.get("steps") or {}).get("first_error"))


def _first(found: dict[str, Any]) -> list[str]:
    return [_interval(found[name]) for name in ("faulty", "fault_free", "f1")]


def _scaling(points: Sequence[dict[str, Any]]) -> str:
    names = sorted(points[0]["best_of"])
    heads = ("k", "pass@k", "majority", *(f"best by {name}" for name in names))
    rows = []
    for point in points:
        chosen = [point["pass_at_k"], point["majority"], *(point["best_of"][name] for name in names)]
        rows.append([str(point["k"]), *(_interval(c) if isinstance(c, dict) else f"{c:.3f}" for c in chosen)])
    return table(heads, rows)


if __name__ == "__main__":
    main()
