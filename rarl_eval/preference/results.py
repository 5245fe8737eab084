"""What ``rewardbench`` tells of a file: its figures, and what of it was not answered; files are never pooled unsaid.

One result a file. Files of one layout that are parts of one benchmark (RM-Bench's domains, LLMBar's sets) get one more
result over all of them, unless an example stands in two of them. Not here: how a reward is asked (evaluate).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.preference import Answer, Example, Figure, Layout
from rarl_eval.preference.faults import LINE, best_line
from rarl_eval.preference.metrics import figures
from rarl_eval.runs.identity import once

Asked = tuple[Layout, list[Example], list[Answer]]
"""The examples of a file and the answers to them, in one order."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One table."""

    benchmark: Layout
    reward: str
    files: tuple[str, ...]
    examples: int
    missing: int
    """Examples without a whole answer, which are neither right nor wrong."""
    calls: int
    """Calls of a judge, or recorded replies of one."""
    failed: int
    """Calls without a reply: refused, timed out, or not made for want of budget."""
    unread: int
    """Replies in which no verdict stands."""
    unmatched: int
    """Responses for which a file of scores has no row."""
    why: str
    """What is wrong with the first of these."""
    threshold: float | None
    """Step scores below it fail; None where nothing was held to one."""
    notes: tuple[str, ...]
    """What of the rows was not taken as it stands."""
    figures: tuple[Figure, ...]

    @property
    def measured(self) -> bool:
        """Whether any figure is over something."""
        return any(figure.value is not None for figure in self.figures)


def results(
    files: Mapping[Path, tuple[Layout, list[Example]]],
    reward: str,
    ask: Callable[[Sequence[Example]], list[Answer]],
    threshold: str | None = None,
) -> list[Result]:
    """Put a reward to each file and measure its answers; ``threshold`` is a number, or a subset to choose one on."""
    asked: dict[Path, Asked] = {file: (layout, of, ask(of)) for file, (layout, of) in files.items()}
    line = _line([pair for found in asked.values() for pair in zip(found[1], found[2], strict=True)], threshold)
    told = [_result((file,), found, reward, line) for file, found in asked.items()]
    for layout in dict.fromkeys(found[0] for found in asked.values()):
        parts = {file: found for file, found in asked.items() if found[0] == layout}
        if len(parts) > 1 and not _shared([found[1] for found in parts.values()]):
            told.append(_result(tuple(parts), _joined(layout, list(parts.values())), reward, line))
    return told


def read_once(files: Sequence[Path]) -> None:
    """Raise BadInput where a file is named twice: its examples are no more for that."""
    once("file of --data", files)


def _line(pairs: Sequence[tuple[Example, Answer]], threshold: str | None) -> float:
    if threshold is None:
        return LINE
    try:
        return float(threshold)
    except ValueError:
        found = best_line(pairs, threshold)
    if found is None:
        known = ", ".join(sorted({e.subset for e, a in pairs if a.steps is not None})) or "none"
        raise BadInput(
            f"--threshold {threshold!r} is no number and no subset with step scores of sound and faulty solutions "
            f"(there are {known})"
        )
    return found


def _joined(layout: Layout, parts: Sequence[Asked]) -> Asked:
    return layout, [e for _, of, _ in parts for e in of], [a for _, _, answers in parts for a in answers]


def _shared(parts: Sequence[Sequence[Example]]) -> bool:
    """Whether an example stands in two parts: they are then several judges of it, or one twice."""
    seen: set[object] = set()
    for examples in parts:
        mine: set[object] = {(e.prompt, e.responses) for e in examples}
        mine |= {(e.subset, e.id) for e in examples if e.id}
        if seen & mine:
            return True
        seen |= mine
    return False


def _result(files: tuple[Path, ...], asked: Asked, reward: str, line: float) -> Result:
    layout, examples, answers = asked
    return Result(
        benchmark=layout,
        reward=reward,
        files=tuple(map(str, files)),
        examples=len(examples),
        missing=sum(map(_missing, examples, answers)),
        calls=sum(a.calls for a in answers),
        failed=sum(a.failed for a in answers),
        unread=sum(a.unread for a in answers),
        unmatched=sum(a.unmatched for a in answers),
        why=next((a.why for a in answers if a.why), ""),
        threshold=line if any(a.steps is not None for a in answers) else None,
        notes=tuple(e.note for e in examples if e.note),
        figures=tuple(figures(layout, examples, answers, line=line)),
    )


def _missing(example: Example, answer: Answer) -> bool:
    if example.steps is not None:
        return answer.steps is None and answer.named is None
    return answer.worth is None and None in (answer.votes or answer.scores)
