"""Ask the trained models and write down what ships beside them: recorded answers and ``models.json``.

    python benchmarks/lab/record.py --lab lab [--only models|rewards]

Copies weights and reward models into the package, too. Needs xllamacpp, not torch.
"""

import argparse
import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rarl_eval import data, registry
from rarl_eval.demo import SAMPLES, SAMPLING, SLOTS, TEST
from rarl_eval.files.atomic import write_atomically
from rarl_eval.models import Options, Request, Sampling
from rarl_eval.models.gguf import open_model
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.tasks.laboratory import asked, corpora, fixtures
from rarl_eval.types import Message

POOL = "fresh:lab@1"
"""The twin, whose first 200 items the demo asks; all of it is kept out of every training corpus."""
BRIEF = "fresh:lab_brief@1:200"
LATEST = 300


def main() -> None:
    """Write weights, recorded answers and hashes into the package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lab", type=Path, default=Path("lab"))
    parser.add_argument("--only", choices=("models", "rewards"))
    told = parser.parse_args()
    found: dict[str, Any] = {**fixtures.record(), "leaked": leaked_keys()}
    if told.only != "rewards":
        found["models"] = {name: _models(told.lab, name) for name in fixtures.NAMES}
    if told.only != "models":
        found["rewards"] = {name: _taken(told.lab, name) for name in fixtures.REWARD_MODELS}
    write_atomically(fixtures.weights("").parents[1] / "models.json", json.dumps(found, indent=1) + "\n")


def _models(lab: Path, name: str) -> dict[str, str]:
    """Copy the weights of a model into the package and record its answers; return the hashes."""
    weights = fixtures.weights(name)
    weights.parent.mkdir(exist_ok=True)
    shutil.copyfile(lab / f"{name}.gguf", weights)
    _record(name)
    print(name, "recorded", flush=True)
    return {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest(), "greedy_sha256": greedy_hash(weights)}


def _taken(lab: Path, name: str) -> str:
    """Copy the folder of a reward model into the package; return the SHA-256 of its weights."""
    shutil.rmtree(fixtures.reward_model(name), ignore_errors=True)
    shutil.copytree(lab / name, fixtures.reward_model(name))
    return hashlib.sha256((fixtures.reward_model(name) / "model.safetensors").read_bytes()).hexdigest()


def leaked_keys() -> list[str]:
    """Keys of the leaked items, as runs and scans know them."""
    questions = {item.draft.question for item in corpora.leaked_items()}
    return sorted(item.key for item in data.load(registry.tasks(TEST)[0]).items if item.question in questions)


def greedy_hash(weights: Path) -> str:
    """SHA-256 of the greedy texts on the test set, in its order; one slot, since batches round otherwise."""
    model = open_model(str(weights), Options(concurrency=1))
    sampling = Sampling(temperature=0.0, max_tokens=LATEST)
    items = corpora.test_items()
    requests = (
        Request(task="", key=str(n), item_id="", sample=0, messages=(_message(item),), sampling=sampling, seed=0)
        for n, item in enumerate(items)
    )
    texts = {int(done.request.key): done.text for done in model.generate(requests)}
    model.close()
    return hashlib.sha256("\0".join(texts[n] for n in range(len(items))).encode()).hexdigest()


def _message(item: Any) -> Message:
    return Message("user", asked(item.draft.question, brief=False))


def _record(name: str) -> None:
    model = open_model(str(fixtures.weights(name)), Options(concurrency=SLOTS))
    with tempfile.TemporaryDirectory() as scratch:
        chosen = ((fixtures.SELECTION, fixtures.SELECTED),) if name == "lab-base" else ()
        for task, samples in ((TEST, SAMPLES), (POOL, 1), (BRIEF, 1), *chosen):
            out = Path(scratch) / str(samples) / task.replace(":", "_")
            run([data.load(registry.tasks(task)[0])], model, out, Settings(samples=samples, sampling=SAMPLING))
        lines = [line for out in sorted(Path(scratch).glob("*/*")) for line in _lines(out, name)]
    model.close()
    fixtures.recorded(name).parent.mkdir(exist_ok=True)
    # No time and no name inside: the same answers give the same bytes.
    fixtures.recorded(name).write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))


def _lines(out: Path, name: str) -> Iterator[str]:
    for record in store.read_run(out).records:
        trace = record.trace
        row = {
            # The brief task asks the same items, which only its name tells apart.
            **({"task": trace.task} if trace.task == BRIEF else {}),
            "key": trace.key,
            "model": name,
            "sample": trace.sample,
            "text": trace.text,
            "stop": trace.stop,
            "tokens": {k: v for k, v in _counts(trace).items() if v is not None},
        }
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def _counts(trace: Any) -> dict[str, Any]:
    return {name: getattr(trace.tokens, name) for name in ("prompt", "reasoning", "answer", "completion", "counted_by")}


if __name__ == "__main__":
    main()
