"""Any generation task of lm-eval by name, ``lm-eval:NAME``: its items, its prompts and its own score, our columns.

The prompt is lm-eval's, with the examples that the task's file asks for, as one message; an answer is cut at the task's
stop strings, filtered and scored by lm-eval itself. Every metric of every filter is stored as a reward named
``score:METRIC,FILTER``. Where the first one is 1 or 0 it is the verdict; else the answer is ``unjudged`` and the report
gives the mean score. Not here: tasks that compare log-likelihoods, and metrics of a whole corpus.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.answers.extract import shown
from rarl_eval.errors import BadInput, NotInstalled, first_line
from rarl_eval.types import Item, Message, Row, Source, Status, Task, Verdict

PREFIX = "lm-eval:"
GENERATES = "generate_until"
SCORE = "score:"
"""Names of rewards that are the benchmark's own score begin so."""

EXAMPLES_SEED = 1234
"""What lm-eval draws its examples with unless told otherwise."""

_scoring = threading.Lock()  # metrics of the package ``evaluate`` keep state


@dataclass(frozen=True)
class _Opened:
    """A task of lm-eval with its rows, which it would read anew each time it is asked for them."""

    task: Any
    docs: list[Any]


def task(name: str) -> Task:
    """Return the task of ``lm-eval:NAME``, a registered name or the path of a task file.

    Raises NotInstalled without lm-eval, and BadInput for a group, a task without generation, or rows that cannot be
    had.
    """
    opened = _opened(name.removeprefix(PREFIX))
    config = opened.task.config
    return Task(
        name=name,
        domain="general",
        source=Source(
            path=str(config.dataset_path or name),
            name=config.dataset_name,
            split=str(config.test_split or config.validation_split or "unknown"),
            licence="unknown",
            released=None,
        ),
        item=partial(_item, opened),
        verify=partial(_verify, opened),
        score=partial(_score, opened),
        prompt=_prompt,
        paper="https://github.com/EleutherAI/lm-evaluation-harness",
        version=_version(config.metadata),
        generate=partial(_rows, opened),
    )


@lru_cache(maxsize=32)
def _opened(name: str) -> _Opened:
    """Open a task of lm-eval; its data set is read now."""
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise NotInstalled(f"lm-eval, which --task {PREFIX}{name} needs,", "lm-eval") from error
    a_file = Path(name).suffix in {".yaml", ".yml"}
    if a_file and not Path(name).is_file():
        raise BadInput(f"--task {PREFIX}{name}: there is no such file")
    try:
        found = TaskManager(include_defaults=not a_file).load([name])["tasks"]
        (loaded,) = found.values() if len(found) == 1 else (None,)
        docs = list(loaded.eval_docs) if loaded is not None and loaded.OUTPUT_TYPE == GENERATES else []
    except KeyError as error:
        raise BadInput(f"--task {PREFIX}{name}: lm-eval has no such task; list them with: lm_eval ls tasks") from error
    except Exception as error:  # lm-eval, datasets and the task's own code raise anything
        raise BadInput(
            f"--task {PREFIX}{name} could not be loaded ({type(error).__name__}: {first_line(error)})"
        ) from error
    if loaded is None:
        some = ", ".join(sorted(found)[:5])
        raise BadInput(f"--task {PREFIX}{name} is a group of {len(found)} tasks; name one of them: {some} ...")
    if loaded.OUTPUT_TYPE != GENERATES:
        raise BadInput(
            f"--task {PREFIX}{name} compares log-likelihoods ({loaded.OUTPUT_TYPE}); only tasks that generate run"
        )
    return _Opened(loaded, docs)


def _rows(opened: _Opened) -> Iterator[Row]:
    """Yield what lm-eval would ask, in its order; examples are drawn by its own sampler with its own seed."""
    task = opened.task
    task.set_fewshot_seed(EXAMPLES_SEED)
    for index, doc in enumerate(opened.docs):
        asked = task.fewshot_context(doc, num_fewshot=task.config.num_fewshot or 0)
        yield {"index": index, "prompt": asked, "question": str(task.doc_to_text(doc))}


def _item(opened: _Opened, row: Row) -> Item:
    target = opened.task.doc_to_target(opened.docs[row["index"]])
    gold = target if isinstance(target, str) else msgspec.json.encode(target, enc_hook=str).decode()
    return Item(
        id=str(row["index"]),
        question=row["question"],
        gold=gold,
        meta={"prompt": row["prompt"], "index": row["index"]},
    )


def _prompt(item: Item) -> list[Message]:
    return [Message(role="user", content=item.meta["prompt"])]


def _verify(opened: _Opened, item: Item, answer: str) -> Verdict:
    """Say what lm-eval's first metric says, where it is 1 or 0."""
    scores, told = _scored(opened, item, answer)
    if not answer.strip():
        return Verdict(status="no_answer", reason="nothing is answered")
    if not scores:
        return Verdict(status="unjudged", extracted=told, reason="lm-eval scores the corpus, not the answer")
    name, value = next(iter(scores.items()))
    if value not in {0.0, 1.0}:
        return Verdict(status="unjudged", extracted=told, reason=f"{name} is {value:.4g}: neither right nor wrong")
    status: Status = "correct" if value == 1.0 else "incorrect"
    return Verdict(status=status, extracted=told, reason=f"{name} is {value:g}", judge=SCORE + name)


def _score(opened: _Opened, item: Item, answer: str) -> dict[str, float]:
    return {SCORE + name: value for name, value in _scored(opened, item, answer)[0].items()}


def _scored(opened: _Opened, item: Item, answer: str) -> tuple[dict[str, float], str | None]:
    """Scores by ``METRIC,FILTER``, the first metric of the first filter first, and what that filter reads."""
    from lm_eval.api.instance import Instance

    task, doc = opened.task, opened.docs[item.meta["index"]]
    arguments = (item.meta["prompt"], dict(task.config.generation_kwargs or {}))
    instance = Instance(GENERATES, doc, arguments, 0, resps=[_cut(task, answer)])
    scores: dict[str, float] = {}
    with _scoring:
        for ensemble in task._filters:  # noqa: SLF001  what lm-eval's own evaluator goes through
            ensemble.apply([instance])
        for name, told in instance.filtered_resps.items():
            found: Mapping[str, Any] = task.process_results(doc, [told])
            scores |= {f"{metric},{name}": float(v) for metric, v in found.items() if isinstance(v, int | float)}
    first = next(iter(instance.filtered_resps.values()), None)
    return scores, None if first is None else shown(str(first))


def _cut(task: Any, answer: str) -> str:
    """End an answer where lm-eval would have stopped the model."""
    stops = (task.config.generation_kwargs or {}).get("until") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        if stop:
            answer = answer.split(stop, maxsplit=1)[0]
    return answer


def _version(metadata: Any) -> int:
    try:
        return max(1, int(float((metadata or {}).get("version", 1))))
    except (TypeError, ValueError):
        return 1
