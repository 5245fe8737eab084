"""Rows of benchmarks of rewards become Examples; which benchmark a file is follows from its fields.

The layouts are those of the published files: RewardBench (2403.13787), RewardBench 2 (2506.01937), RM-Bench
(2410.16184), JudgeBench (2410.12784), LLMBar (2310.07641), PPE (2410.14872), ProcessBench (2412.06559), PRMBench
(2501.03124) and MR-Ben (2406.13975).
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import read_rows
from rarl_eval.preference import Example, Layout

Row = Mapping[str, Any]


def read_examples(path: Path, layout: Layout | None = None) -> tuple[Layout, list[Example]]:
    """Read a file's examples; raises BadInput naming file and row for anything that does not fit its layout."""
    rows = read_rows(path)
    first = next(rows, None)
    if first is None:
        raise BadInput(f"{path} holds no rows")
    found = layout or detect(first[1])
    if found is None:
        raise BadInput(
            f"{path} has fields {', '.join(sorted(first[1])[:12])}, as none of {', '.join(get_args(Layout))} has; "
            "name its layout with --layout"
        )
    examples: list[Example] = []
    for number, row in chain([first], rows):
        examples += _examples(path, number, row, found)
    if not examples:
        raise BadInput(f"{path} holds no example of {found}")
    return found, examples


def detect(row: Row) -> Layout | None:
    """Name the layout of a row by its fields; None for one of no known benchmark."""
    return next((layout for layout, needs in _FIELDS if all(need(row) for need in needs)), None)


def _has(*names: str) -> Callable[[Row], bool]:
    return lambda row: set(names) <= row.keys()


def _many(name: str) -> Callable[[Row], bool]:
    return lambda row: isinstance(row.get(name), list)


def _grouped(row: Row) -> bool:
    """MR-Ben's files hold one object of lists of solutions."""
    values = list(row.values())
    return bool(values) and all(
        isinstance(v, list) and v and isinstance(v[0], dict) and "Model_Solution_Steps" in v[0] for v in values
    )


_FIELDS: tuple[tuple[Layout, tuple[Callable[[Row], bool], ...]], ...] = (
    ("rewardbench2", (_has("prompt", "chosen", "rejected", "num_correct"),)),
    ("rm-bench", (_has("prompt", "chosen", "rejected", "domain"), _many("chosen"))),
    ("rewardbench", (_has("prompt", "chosen", "rejected"),)),
    ("judgebench", (_has("question", "response_A", "response_B", "label"),)),
    ("llmbar", (_has("input", "output_1", "output_2", "label"),)),
    ("ppe", (_has("prompt", "response_1", "scores", "sampled_conflict_pairs"),)),
    ("ppe-human", (_has("prompt", "response_1", "response_2", "winner"),)),
    ("processbench", (_has("problem", "steps", "label"),)),
    ("prmbench", (_has("modified_process", "error_steps"),)),
    ("mr-ben", (_has("Model_Solution_Steps", "Model_Solution_First_Error_Step"),)),
    ("mr-ben", (_grouped,)),
)


def _examples(path: Path, number: int, row: Row, layout: Layout) -> Iterator[Example]:
    try:
        if layout == "mr-ben" and _grouped(row):
            for solutions in row.values():
                yield from (_mr_ben(solution) for solution in solutions)
        else:
            example = _PARSERS[layout](row)
            if example is not None:
                yield example
    except KeyError as error:
        known = ", ".join(sorted(row)[:12])
        raise MissingField(f"{path} row {number} has no field {error} of {layout} (it has {known})") from error
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadInput(f"{path} row {number} is no row of {layout}: {error}") from error


def _rewardbench(row: Row) -> Example:
    scores = (row["score_chosen"], row["score_rejected"]) if "score_chosen" in row else None
    return Example(
        id=str(row.get("id", "")),
        subset=str(row.get("subset", "all")),
        prompt=_prompt(row["prompt"]),
        responses=(_text(row["chosen"]), _text(row["rejected"])),
        good=(True, False),
        pairs=((0, 1),),
        scores=_scores(scores),
    )


def _rewardbench2(row: Row) -> Example:
    chosen, rejected = list(row["chosen"]), list(row["rejected"])
    return Example(
        id=str(row.get("id", "")),
        subset=str(row["subset"]),
        prompt=_prompt(row["prompt"]),
        responses=tuple(map(_text, [*chosen, *rejected])),
        good=(True,) * len(chosen) + (False,) * len(rejected),
        scores=_scores(row.get("scores")),
    )


def _rm_bench(row: Row) -> Example:
    chosen, rejected = list(row["chosen"]), list(row["rejected"])
    if len(chosen) != 3 or len(rejected) != 3:
        raise ValueError(f"it has {len(chosen)} chosen and {len(rejected)} rejected responses, not three of each")
    recorded = [*row["score_chosen"], *row["score_rejected"]] if "score_chosen" in row else None
    return Example(
        id=str(row.get("id", "")),
        subset=str(row["domain"]),
        prompt=_prompt(row["prompt"]),
        responses=tuple(map(_text, [*chosen, *rejected])),
        good=(True,) * 3 + (False,) * 3,
        scores=_scores(recorded),
    )


def _judgebench(row: Row) -> Example:
    better = {"A>B": 0, "B>A": 1}.get(row["label"])
    if better is None:
        raise ValueError(f"its label is {str(row['label'])[:20]!r}, not A>B or B>A")
    source = str(row.get("source", "all"))
    return Example(
        id=str(row.get("pair_id", "")),
        subset="knowledge" if source.startswith("mmlu-pro") else source,
        prompt=_prompt(row["question"]),
        responses=(_text(row["response_A"]), _text(row["response_B"])),
        good=(better == 0, better == 1),
        pairs=((better, 1 - better),),
        votes=_judgements(row.get("judgments")),
    )


def _llmbar(row: Row) -> Example:
    label = int(row["label"])
    if label not in {1, 2}:
        raise ValueError(f"its label is {label}, not 1 or 2")
    results = row.get("results")
    return Example(
        id="",
        subset="all",
        prompt=_text(row["input"]),
        responses=(_text(row["output_1"]), _text(row["output_2"])),
        good=(label == 1, label == 2),
        pairs=((label - 1, 2 - label),),
        votes=_winners(results[-1]) if results else None,
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
        raise ValueError(f"its label {label} is no step of {len(steps)}")
    return Example(
        id=identifier,
        subset=identifier.rsplit("-", 1)[0] or "all",
        prompt=_text(row["problem"]),
        responses=("\n".join(steps),),
        steps=tuple(steps),
        faults=() if label == -1 else (label,),
        correct=row.get("final_answer_correct"),
    )


def _prmbench(row: Row) -> Example:
    steps = list(map(_text, row["modified_process"]))
    faults = sorted({int(step) - 1 for step in row["error_steps"]})
    if faults and not 0 <= faults[0] <= faults[-1] < len(steps):
        raise ValueError(f"its error_steps {row['error_steps']} are not among 1 to {len(steps)}")
    question = row.get("modified_question") or row.get("original_question") or row["question"]
    return Example(
        id=str(row.get("idx", "")),
        subset=str(row.get("classification", "all")),
        prompt=_text(question),
        responses=("\n".join(steps),),
        steps=tuple(steps),
        faults=tuple(faults),
    )


def _mr_ben(row: Row) -> Example:
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


_PARSERS: dict[Layout, Callable[[Row], Example | None]] = {
    "rewardbench": _rewardbench,
    "rewardbench2": _rewardbench2,
    "rm-bench": _rm_bench,
    "judgebench": _judgebench,
    "llmbar": _llmbar,
    "ppe": _ppe,
    "ppe-human": _ppe_human,
    "processbench": _processbench,
    "prmbench": _prmbench,
    "mr-ben": _mr_ben,
}


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


def _scores(values: Any) -> tuple[float | None, ...] | None:
    if values is None:
        return None
    flat = [v[0] if isinstance(v, list) and len(v) == 1 else v for v in values]
    return tuple(None if v is None else float(v) for v in flat)


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
