"""One row of each benchmark of rewards becomes an Example, and one of what its own program wrote becomes one too."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from rarl_eval.preference import Example, Layout

Row = Mapping[str, Any]


class NotRead(ValueError):
    """A row's labels contradict the row itself; the reason is its text."""


def _rewardbench(row: Row) -> Example:
    """Read a pair, or what RewardBench's programs write of one: ``text_chosen``, ``scores_chosen``, ``results``."""
    scores = [_either(row, f"score_{side}", f"scores_{side}") for side in _SIDES]
    chosen, rejected = (_text(_either(row, side, f"text_{side}")) for side in _SIDES)
    return Example(
        id=str(row.get("id", "")),
        subset=str(row.get("subset", "all")),
        prompt=_prompt(row.get("prompt", "")),
        responses=(chosen, rejected),
        good=(True, False),
        pairs=((0, 1),),
        scores=None if scores == [None, None] else _scores(scores),
        worth=_worth(row.get("results")) if scores == [None, None] else None,
    )


_SIDES = ("chosen", "rejected")


def _rewardbench2(row: Row) -> Example:
    """Read a prompt with its responses, the right ones first; its own program writes them as ``text``."""
    if "text" in row:
        responses, right = list(row["text"]), int(row["num_correct"])
    else:
        responses, right = [*row["chosen"], *row["rejected"]], len(row["chosen"])
    if not 0 < right <= len(responses):
        raise ValueError(f"its num_correct {right} is not among its {len(responses)} responses")
    return Example(
        id=str(row.get("id", "")),
        subset=str(row["subset"]),
        prompt=_prompt(row.get("prompt", "")),
        responses=tuple(map(_text, responses)),
        good=(True,) * right + (False,) * (len(responses) - right),
        scores=_scores(row.get("scores"), len(responses)),
    )


def _rm_bench(row: Row) -> Example:
    chosen, rejected = list(row["chosen"]), list(row["rejected"])
    if len(chosen) != 3 or len(rejected) != 3:
        raise ValueError(f"it has {len(chosen)} chosen and {len(rejected)} rejected responses, not three of each")
    scores = [_either(row, f"score_{side}", f"scores_{side}") for side in _SIDES]
    return Example(
        id=str(row.get("id", "")),
        subset=str(row.get("domain") or ""),
        prompt=_prompt(row["prompt"]),
        responses=tuple(map(_text, [*chosen, *rejected])),
        good=(True,) * 3 + (False,) * 3,
        scores=None if None in scores else _scores([*scores[0], *scores[1]], 6),
    )


def _judgebench(row: Row) -> Example:
    better = {"A>B": 0, "B>A": 1}.get(row["label"])
    if better is None:
        raise ValueError(f"its label is {str(row['label'])[:20]!r}, not A>B or B>A")
    source, votes = str(row.get("source", "all")), _judgements(row.get("judgments"))
    return Example(
        id=str(row.get("pair_id", "")),
        subset="knowledge" if source.startswith("mmlu-pro") else source,
        prompt=_prompt(row["question"]),
        responses=(_text(row["response_A"]), _text(row["response_B"])),
        good=(better == 0, better == 1),
        pairs=((better, 1 - better),),
        votes=votes,
        unread=0 if votes is None else votes.count(None),
    )


def _llmbar(row: Row) -> Example:
    label = int(row["label"])
    if label not in {1, 2}:
        raise ValueError(f"its label is {label}, not 1 or 2")
    results = row.get("results")
    votes = _winners(results[-1]) if results else None
    return Example(
        id="",
        subset="",
        prompt=_text(row["input"]),
        responses=(_text(row["output_1"]), _text(row["output_2"])),
        good=(label == 1, label == 2),
        pairs=((label - 1, 2 - label),),
        votes=votes,
        unread=0 if votes is None else votes.count(None),
    )


def _ppe(row: Row) -> Example:
    names = [f"response_{i}" for i in range(1, 1 + len(row["scores"]))]
    marks = [float(mark) for mark in row["scores"]]
    pairs = [
        (a, b) if marks[a] > marks[b] else (b, a) for a, b in row["sampled_conflict_pairs"] if marks[a] != marks[b]
    ]
    return Example(
        id=str(row.get("question_id", "")),
        subset=str(row.get("model_name", "all")),
        prompt=_prompt(row["prompt"]),
        responses=tuple(_text(row[name]) for name in names),
        good=tuple(mark >= 0.5 for mark in marks),
        pairs=tuple(pairs),
    )


def _ppe_human(row: Row) -> Example | None:
    better = {"model_a": 0, "model_b": 1}.get(row["winner"])
    if better is None:  # ties are no preference
        return None
    return Example(
        id=str(row.get("question_id", "")),
        subset=str(row.get("language", "all")),
        prompt=_prompt(row["prompt"]),
        responses=(_text(row["response_1"]), _text(row["response_2"])),
        good=(better == 0, better == 1),
        pairs=((better, 1 - better),),
    )


def _processbench(row: Row) -> Example:
    identifier, label, steps = str(row.get("id", "")), int(row["label"]), list(map(_text, row["steps"]))
    if not -1 <= label < len(steps):
        raise NotRead(f"its label {label} is no step of {len(steps)}")
    named = None
    if "prediction" in row:
        named = (-1,) if row["prediction"] is None else tuple(n for n in [int(row["prediction"])] if n != -1)
    return Example(
        id=identifier,
        subset=identifier.rsplit("-", 1)[0] or "all",
        prompt=_text(row["problem"]),
        responses=("\n".join(steps),),
        steps=tuple(steps),
        faults=() if label == -1 else (label,),
        correct=row.get("final_answer_correct"),
        named=named,
        unread=int(named == (-1,)),
        scores=None if named is not None else _step_scores(row, len(steps)),
    )


def _prmbench(row: Row) -> Example:
    steps = list(map(_text, row["modified_process"]))
    told = sorted({int(step) for step in row["error_steps"]})
    faults = [step - 1 for step in told if 1 <= step <= len(steps)]
    if told and not faults:
        raise NotRead(f"its error_steps {row['error_steps']} are not among 1 to {len(steps)}")
    beyond = [step for step in told if step - 1 not in faults]
    question = row.get("modified_question") or row.get("original_question") or row["question"]
    return Example(
        id=str(row.get("idx", "")),
        subset=str(row.get("classification", "all")),
        prompt=_text(question),
        responses=("\n".join(steps),),
        steps=tuple(steps),
        faults=tuple(faults),
        scores=_step_scores(row, len(steps)),
        note=f"its error_steps name {beyond} of {len(steps)} steps, which is ignored" if beyond else "",
    )


def _step_scores(row: Row, steps: int) -> tuple[float | None, ...] | None:
    """Scores of the steps that a row holds; None where it holds none, or not one for each."""
    found = next((row[name] for name in ("validity", "step_scores", "scores") if isinstance(row.get(name), list)), None)
    return _scores(found) if found is not None and len(found) == steps else None


def mr_ben(row: Row) -> Example:
    """Read one solution of MR-Ben, whose files hold lists of them."""
    steps = list(map(_text, row["Model_Solution_Steps"]))
    right = str(row["Model_Solution_Correctness"]).strip().lower() == "correct"
    first = str(row["Model_Solution_First_Error_Step"]).removeprefix("Step").strip()
    options = str(row.get("Options") or "")
    return Example(
        id=str(row.get("Question_UUID", "")),
        subset=str(row.get("Subject", "all")),
        prompt=f"{_text(row['Question'])}\n\n{options}".strip(),
        responses=("\n".join(steps),),
        steps=tuple(steps),
        faults=() if right else (int(first) - 1,) if first.isdigit() else None,
        correct=right,
    )


def _alpacaeval(row: Row) -> Example:
    """Read an annotation of AlpacaEval: response 0 is the baseline's, 1 the model's; ``preference`` runs from 1 to 2.

    0 and 1.5 are ties. ``glm_preference`` is its length-controlled value, where its own program wrote it.
    """
    told, controlled = _finite(row["preference"]), _finite(row.get("glm_preference"))
    if told is not None and told != 0 and not 1 <= told <= 2:
        raise ValueError(f"its preference {told} is not between 1 and 2")
    return Example(
        id=str(row.get("index", "")),
        subset=str(row.get("generator_2", "all")),
        prompt=_text(row["instruction"]),
        responses=(_text(row["output_1"]), _text(row["output_2"])),
        worth=None if told is None else 0.5 if told == 0 else told - 1,
        unread=int(told is None),
        meta={"controlled": controlled},
    )


PARSERS: dict[Layout, Callable[[Row], Example | None]] = {
    "rewardbench": _rewardbench,
    "rewardbench2": _rewardbench2,
    "rm-bench": _rm_bench,
    "judgebench": _judgebench,
    "llmbar": _llmbar,
    "ppe": _ppe,
    "ppe-human": _ppe_human,
    "processbench": _processbench,
    "prmbench": _prmbench,
    "mr-ben": mr_ben,
    "alpacaeval": _alpacaeval,
}


def _either(row: Row, *names: str) -> Any:
    """Return the first of several fields that a row has; None where it has none of them."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def _worth(result: Any) -> float | None:
    value = _finite(result)
    if value is not None and value not in {0.0, 0.5, 1.0}:
        raise ValueError(f"its result {value} is not 0, 0.5 or 1")
    return value


def _finite(value: Any) -> float | None:
    """Return a number; None for what is missing, NaN among it."""
    number = None if value is None or value == "" else float(value)
    return number if number is not None and isfinite(number) else None


def _text(value: Any) -> str:
    """Return a text, or the last turn of a conversation."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        return str(value[-1]["content"])
    raise TypeError(f"{type(value).__name__} where a text should be")


def _prompt(value: Any) -> str:
    """Return a prompt as text; the turns of a conversation are named by their role."""
    if isinstance(value, list):
        return "\n\n".join(f"[{turn['role']}] {turn['content']}" for turn in value)
    return _text(value)


def _scores(values: Sequence[Any] | None, wanted: int | None = None) -> tuple[float | None, ...] | None:
    if values is None:
        return None
    flat = [v[0] if isinstance(v, list) and len(v) == 1 else v for v in values]
    if wanted is not None and len(flat) != wanted:
        raise ValueError(f"it has {len(flat)} scores for {wanted} responses")
    return tuple(map(_finite, flat))


def _winners(result: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Winners by the output's own number, so that the order shown is already undone."""
    both = [result[f"swap = {swap}"]["winner"] for swap in (False, True)]
    votes = [{"1": 1, "2": -1}.get(str(winner)) for winner in both]
    return votes[0], votes[1]


def _judgements(judgements: Any) -> tuple[int | None, int | None] | None:
    """Decisions of JudgeBench's outputs; the second was made with the responses exchanged."""
    if not judgements:
        return None
    votes = [None if j is None else {"A>B": 1, "B>A": -1, "A=B": 0}.get(j.get("decision")) for j in judgements]
    if len(votes) == 1:  # a reward model is asked once: order means nothing to it
        return votes[0], votes[0]
    return votes[0], None if votes[1] is None else -votes[1]
