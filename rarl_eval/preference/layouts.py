"""Rows of benchmarks of rewards become Examples; which benchmark a file is follows from its fields.

The layouts are those of the published files: RewardBench (2403.13787), RewardBench 2 (2506.01937), RM-Bench
(2410.16184), JudgeBench (2410.12784), LLMBar (2310.07641), PPE (2410.14872), ProcessBench (2412.06559), PRMBench
(2501.03124), MR-Ben (2406.13975), AlpacaEval 2 (2404.04475), and of what their own programs write. Not here: how one
row is read (parsers).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import get_args

import msgspec

from rarl_eval.errors import BadInput, MissingField
from rarl_eval.files.rows import read_rows
from rarl_eval.preference import Example, Layout
from rarl_eval.preference.parsers import PARSERS, NotRead, Row, mr_ben

LLMBAR_SETS = ("Natural", "Neighbor", "GPTInst", "GPTOut", "Manual")
"""Its files are told apart by their folders alone; all but the first are the adversarial sets."""

RM_BENCH_FILES = ("chat", "code", "math", "safety-refuse", "safety-response")
"""Domains of RM-Bench, which the files of its repository are named by."""


def read_examples(path: Path, layout: Layout | None = None) -> tuple[Layout, list[Example]]:
    """Read a file's examples; raises BadInput naming file and row for anything that does not fit its layout.

    A row whose labels contradict the row itself is left out where others are read; the next example's ``note`` tells.
    """
    rows = _rows(path)
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
    left: list[str] = []
    for number, row in chain([first], rows):
        try:
            examples += (_placed(example, path, number) for example in _examples(path, number, row, found))
        except NotRead as error:
            left.append(f"row {number} is left out: {error}")
    if not examples:
        raise BadInput(f"{path} holds no example of {found}{'; ' if left else ''}{left[0] if left else ''}")
    if left:
        note = "; ".join([*left[:3], *([f"{len(left)} rows in all"] if len(left) > 3 else []), examples[0].note])
        examples[0] = msgspec.structs.replace(examples[0], note=note.removesuffix("; "))
    return found, examples


def detect(row: Row) -> Layout | None:
    """Name the layout of a row by its fields; None for one of no known benchmark."""
    return next((layout for layout, needs in _FIELDS if all(need(row) for need in needs)), None)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Rows of a file; an object of columns with settings beside them, as RewardBench writes, is unfolded."""
    for number, row in read_rows(path):
        columns = {"text_chosen", "text_rejected"} <= row.keys() or {"text", "scores", "num_correct"} <= row.keys()
        results = row.get("results")
        if columns and isinstance(results, list):
            yield from enumerate(_unfolded(path, row, len(results)), start=1)
        else:
            yield number, row


def _unfolded(path: Path, row: Row, n: int) -> Iterable[dict[str, object]]:
    uneven = sorted(name for name, column in row.items() if isinstance(column, list) and len(column) != n)
    if uneven:
        raise BadInput(f"{path} has {n} results and {len(row[uneven[0]])} of {uneven[0]!r}; its columns do not match")
    return ({k: v[i] if isinstance(v, list) else v for k, v in row.items()} for i in range(n))


def _placed(example: Example, path: Path, number: int) -> Example:
    """Say of an example what only its file's name and its row's number tell."""
    note = f"row {number}: {example.note}" if example.note else ""
    return msgspec.structs.replace(example, subset=example.subset or _part(path), note=note)


def _part(path: Path) -> str:
    """Name the part of its benchmark that a file's path names; ``all`` where it names none."""
    parts = [part.lower() for part in path.parts]
    stem = parts[-1].split(".")[0].removesuffix("_filtered") if parts else ""
    sets = (name for name in LLMBAR_SETS if name.lower() in parts)
    return next(sets, stem if stem in RM_BENCH_FILES else "all")


def _has(*names: str) -> Callable[[Row], bool]:
    return lambda row: set(names) <= row.keys()


def _many(name: str) -> Callable[[Row], bool]:
    return lambda row: isinstance(row.get(name), list)


def _triples(row: Row) -> bool:
    return all(isinstance(row[n], list) and len(row[n]) == 3 and isinstance(row[n][0], str) for n in _SIDES)


_SIDES = ("chosen", "rejected")


def _grouped(row: Row) -> bool:
    """MR-Ben's files hold one object of lists of solutions."""
    values = list(row.values())
    return bool(values) and all(
        isinstance(v, list) and v and isinstance(v[0], dict) and "Model_Solution_Steps" in v[0] for v in values
    )


_FIELDS: tuple[tuple[Layout, tuple[Callable[[Row], bool], ...]], ...] = (
    ("rewardbench2", (_has("prompt", "chosen", "rejected", "num_correct"),)),
    ("rewardbench2", (_has("text", "scores", "num_correct"),)),
    ("rm-bench", (_has("prompt", "chosen", "rejected", "domain"), _many("chosen"))),
    ("rm-bench", (_has("prompt", "chosen", "rejected"), _triples)),
    ("rewardbench", (_has("prompt", "chosen", "rejected"),)),
    ("rewardbench", (_has("text_chosen", "text_rejected"),)),
    ("judgebench", (_has("question", "response_A", "response_B", "label"),)),
    ("llmbar", (_has("input", "output_1", "output_2", "label"),)),
    ("ppe", (_has("prompt", "response_1", "scores", "sampled_conflict_pairs"),)),
    ("ppe-human", (_has("prompt", "response_1", "response_2", "winner"),)),
    ("processbench", (_has("problem", "steps", "label"),)),
    ("prmbench", (_has("modified_process", "error_steps"),)),
    ("mr-ben", (_has("Model_Solution_Steps", "Model_Solution_First_Error_Step"),)),
    ("mr-ben", (_grouped,)),
    ("alpacaeval", (_has("instruction", "output_1", "output_2", "preference"),)),
)


def _examples(path: Path, number: int, row: Row, layout: Layout) -> Iterator[Example]:
    try:
        if layout == "mr-ben" and _grouped(row):
            for solutions in row.values():
                yield from (mr_ben(solution) for solution in solutions)
        else:
            example = PARSERS[layout](row)
            if example is not None:
                yield example
    except KeyError as error:
        known = ", ".join(sorted(row)[:12])
        raise MissingField(f"{path} row {number} has no field {error} of {layout} (it has {known})") from error
    except NotRead:
        raise
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise BadInput(f"{path} row {number} is no row of {layout}: {error}") from error
