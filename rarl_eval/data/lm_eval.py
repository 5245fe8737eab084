"""Any task of lm-eval by name, ``lm-eval:NAME``: its items, its prompts and its own score, our columns.

The prompt is lm-eval's, with the examples that the task's file asks for and the beginning of an answer that it gives,
as one message; an answer is cut at the task's stop strings, filtered and scored by lm-eval itself. Every metric of
every filter is stored as a reward named ``score:METRIC,FILTER``. Where the first one is 1 or 0 it is the verdict; else
the answer is ``unjudged`` and the report gives the mean score. A task that compares log-likelihoods takes, for an
answer, how likely a model finds each of its texts (models/likely.py). Not here: metrics of a whole corpus.
"""

import threading
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from rarl_eval.answers.extract import shown
from rarl_eval.data.lm_eval_opened import EXAMPLES_SEED, PREFIX, LmEvalTask, opened
from rarl_eval.errors import BadInput
from rarl_eval.types import CONTINUATIONS, Item, Message, Row, Source, Status, Task, Verdict

GENERATES = "generate_until"
COMPARES = {"multiple_choice", "loglikelihood"}
SCORE = "score:"
"""Names of rewards that are the benchmark's own score begin so."""

_scoring = threading.Lock()  # metrics of the package ``evaluate`` keep state


def tasks(name: str) -> list[Task]:
    """Return the tasks of ``lm-eval:NAME``: a registered task or group, or the path of a task file.

    Raises NotInstalled without lm-eval, and BadInput for a task that neither generates nor compares log-likelihoods,
    or rows that cannot be had.
    """
    found = opened(name.removeprefix(PREFIX))
    return [_task(name if len(found) == 1 else f"{PREFIX}{one.task.task_name}", one) for one in found]


def _task(name: str, one: LmEvalTask) -> Task:
    config = one.task.config
    if one.task.OUTPUT_TYPE != GENERATES and one.task.OUTPUT_TYPE not in COMPARES:
        raise BadInput(f"--task {name} is of the kind {one.task.OUTPUT_TYPE}, which scores a corpus and no answers")
    path = str(config.dataset_path or name)
    return Task(
        name=name,
        domain="general",
        source=Source(
            path=f"hub:{path}@{one.revision}" if one.revision else path,
            name=config.dataset_name,
            split=str(config.test_split or config.validation_split or "unknown"),
            licence=one.licence,
            released=None,
        ),
        item=partial(_item, one),
        verify=partial(_verify, one),
        score=partial(_score, one),
        prompt=_prompt,
        paper="https://github.com/EleutherAI/lm-evaluation-harness",
        version=_version(config.metadata),
        generate=partial(_rows, one),
        runs_code=bool(config.unsafe_code),
        sampling=_sampling(config.generation_kwargs or {}) if one.task.OUTPUT_TYPE == GENERATES else {},
        compares=one.task.OUTPUT_TYPE in COMPARES,
    )


def _sampling(settings: Mapping[str, Any]) -> dict[str, float | int]:
    """Return temperature and budget that a task's file asks for."""
    told: dict[str, float | int] = {}
    if settings.get("do_sample") is False:
        told["temperature"] = 0.0
    elif isinstance(settings.get("temperature"), int | float):
        told["temperature"] = float(settings["temperature"])
    budget = next((settings[n] for n in ("max_gen_toks", "max_new_tokens", "max_tokens") if settings.get(n)), None)
    return told | ({"max_tokens": int(budget)} if budget else {})


def _rows(opened: LmEvalTask) -> Iterator[Row]:
    """Yield what lm-eval would ask, in its order; examples are drawn by its own sampler with its own seed."""
    task = opened.task
    task.set_fewshot_seed(EXAMPLES_SEED)
    for index, doc in enumerate(opened.docs):
        shots = task.config.num_fewshot or 0
        asked = task.fewshot_context(doc, num_fewshot=shots, gen_prefix=task.doc_to_prefix(doc))
        yield {"index": index, "prompt": asked, "question": str(task.doc_to_text(doc))}


def _item(opened: LmEvalTask, row: Row) -> Item:
    target = opened.task.doc_to_target(opened.docs[row["index"]])
    gold = target if isinstance(target, str) else msgspec.json.encode(target, enc_hook=str).decode()
    meta = {"prompt": row["prompt"], "index": row["index"]}
    if opened.task.OUTPUT_TYPE in COMPARES:
        made = opened.task.construct_requests(opened.docs[row["index"]], row["prompt"], metadata=(None, None, None))
        meta[CONTINUATIONS] = [list(one.args[:2]) for one in (made if isinstance(made, list) else [made])]
        meta["prompt"] = str(row["prompt"])
    return Item(id=str(row["index"]), question=row["question"], gold=gold or "-", meta=meta)


def _prompt(item: Item) -> list[Message]:
    return [Message(role="user", content=item.meta["prompt"])]


def _verify(opened: LmEvalTask, item: Item, answer: str) -> Verdict:
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


def _score(opened: LmEvalTask, item: Item, answer: str) -> dict[str, float]:
    return {SCORE + name: value for name, value in _scored(opened, item, answer)[0].items()}


def _scored(opened: LmEvalTask, item: Item, answer: str) -> tuple[dict[str, float], str | None]:
    """Scores by ``METRIC,FILTER``, the first metric of the first filter first, and what that filter reads."""
    from lm_eval.api.instance import Instance

    task, doc = opened.task, opened.docs[item.meta["index"]]
    if CONTINUATIONS in item.meta:
        return _compared(task, doc, answer)
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


def _compared(task: Any, doc: Any, answer: str) -> tuple[dict[str, float], str | None]:
    """Scores of how likely each text was found, which the answer holds as JSON."""
    try:
        told = msgspec.json.decode(answer.encode(), type=list[tuple[float, bool]])
    except msgspec.MsgspecError:
        return {}, None
    with _scoring:
        found: Mapping[str, Any] = task.process_results(doc, told)
    best = max(range(len(told)), key=lambda place: told[place][0], default=None)
    return {f"{m},none": float(v) for m, v in found.items() if isinstance(v, int | float)}, str(best)


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
