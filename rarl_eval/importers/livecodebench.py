"""LiveCodeBench's outputs: a list of problems, each with every sample's text, code and grade, k-th to k-th.

``output/MODEL/SCENARIO_N_T.json`` holds ``output_list`` and ``code_list``, ``..._eval_all.json`` the same with
``graded_list`` and ``metadata``; the custom evaluator takes ``question_id`` and ``code_list`` alone, or ``pred_list``.
Read against lcb_runner's benchmarks and custom evaluator.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.errors import BadInput
from rarl_eval.importers.outputs import Output, element, score_of, text_of
from rarl_eval.importers.shipped import Around, Row, Shipped

_LISTS = ("output_list", "code_list", "pred_list")
_FENCE = "```"


def is_livecodebench(row: Row) -> bool:
    """Whether a row is one problem with its samples."""
    return ("question_id" in row or "id" in row) and any(isinstance(row.get(name), list) for name in _LISTS)


def output(row: Row) -> Iterator[Output]:
    """Yield the samples of a problem: the whole text where it is there, else the code."""
    texts = row.get("output_list")
    codes: list[Any] = next((row[n] for n in _LISTS[1:] if isinstance(row.get(n), list)), [])
    many = max(len(texts) if isinstance(texts, list) else 0, len(codes))
    if not many:
        raise BadInput("it has no samples in 'output_list' or 'code_list'")
    for k in range(many):
        whole, code = text_of(element(texts, k)), text_of(element(codes, k))
        value = score_of(element(row.get("graded_list"), k))
        yield Output(
            text=whole if whole is not None else _fenced(code or ""),
            question=text_of(row.get("question_content")),
            item_id=text_of(row.get("question_id", row.get("id"))),
            scores={} if value is None else {"graded": value},
        )


def _fenced(code: str) -> str:
    """Put bare code into a block, where a reply has it."""
    return code if _FENCE in code or not code else f"{_FENCE}python\n{code}\n{_FENCE}"


def around(path: Path, first: Row) -> Around:  # noqa: ARG001  as every format's
    """Name the model by its folder, where the file still lies in ``output/``."""
    where = path.absolute().parents
    model = where[0].name if where[1].name == "output" else None
    return Around(complete=lambda made: msgspec.structs.replace(made, model=model))


def _graded(path: Path) -> Path | None:
    file = path.absolute().with_name(f"{path.stem}_eval_all.json")
    return file if file.is_file() else None


LIVECODEBENCH = Shipped(
    name="livecodebench",
    what="file of LiveCodeBench: its rows have no 'question_id' with 'output_list' or 'code_list'",
    recognises=is_livecodebench,
    output=output,
    around=around,
    main=_graded,
)
