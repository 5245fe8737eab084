"""Runs for the tests: answers of known truth to the embedded problems, made anew for each seed."""

from pathlib import Path

from rarl_eval import data, registry
from rarl_eval.judge import judge
from rarl_eval.runs import store
from rarl_eval.runs.writer import Writer
from rarl_eval.types import Record, Trace


def make_run(
    folder: Path,
    items: int = 6,
    samples: int = 4,
    task: str = "demo_math",
    model: str = "m",
    *,
    all_right: bool = False,
) -> Path:
    """A run whose even samples are right and whose odd ones are wrong, unless all are right; each in five lines."""
    benchmark = data.load(registry.tasks(task)[0])
    asked = benchmark.items[:items]
    manifest = {
        "kind": "run",
        "synthetic": True,
        "tasks": {task: {"domain": "math", "version": 1, "fingerprint": benchmark.fingerprint}},
    }
    store.create(folder, manifest, [benchmark])
    with Writer(folder) as writer:
        for item in asked:
            for sample in range(samples):
                right = all_right or sample % 2 == 0
                answer = item.gold if right else "-7"
                text = f"First I read it.\nThen I count, try {sample}.\nThen I add.\nSo it is settled.\nThe answer is \\boxed{{{answer}}}."
                trace = Trace(
                    key=item.key,
                    task=task,
                    item_id=item.id,
                    model=model,
                    sample=sample,
                    text=text,
                    answer=text,
                    stop="end",
                )
                record = judge(benchmark.task, item, trace)
                assert record.verdict is not None
                assert record.verdict.correct == right
                writer.add(record)
        failed = Trace(key=benchmark.items[-1].key, task=task, item_id="x", model=model, stop="error", error="boom")
        writer.add(Record(trace=failed, verdict=None))
    return folder
