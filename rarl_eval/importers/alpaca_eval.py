"""AlpacaEval's ``model_outputs.json`` and the annotations of a judge (``annotations.json``).

An annotation compares two outputs of one instruction; the second is the model's under test and is what is read, with
the preference for it from 0 to 1: 1 is for the first, 2 for the second, 1.5 and formerly 0 a draw, anything outside of
1 to 2 (-1, null) no preference. Read against tatsu-lab/alpaca_eval src/alpaca_eval/annotators/base.py at 06b765c7a2bf
and src/alpaca_eval/metrics/helpers.py at d483da3e2d6d.
"""

from collections.abc import Iterator
from pathlib import Path

from rarl_eval.errors import BadInput
from rarl_eval.importers.outputs import Output, number, text_of
from rarl_eval.importers.shipped import Row, Shipped


def is_outputs(row: Row) -> bool:
    """Whether a row is an output."""
    return {"instruction", "output", "generator"} <= row.keys()


def is_annotation(row: Row) -> bool:
    """Whether a row is a comparison."""
    return {"instruction", "output_1", "output_2", "preference"} <= row.keys()


def output(row: Row) -> Iterator[Output]:
    """Yield the output of a row; raises BadInput where it has no text."""
    yield _made(row, "output", "generator")


def annotation(row: Row) -> Iterator[Output]:
    """Yield the second output of a comparison, with the preference for it; a tie is one half."""
    given = number(row.get("preference"))
    wins = None if given is None else 0.5 if given == 0 else given - 1
    yield _made(row, "output_2", "generator_2", wins if wins is not None and 0 <= wins <= 1 else None)


def _made(row: Row, text: str, generator: str, wins: float | None = None) -> Output:
    said = text_of(row.get(text))
    if said is None:
        raise BadInput(f"it has no text in {text!r}")
    return Output(
        text=said,
        question=text_of(row.get("instruction")),
        model=text_of(row.get(generator)),
        scores={} if wins is None else {"preference": wins},
    )


def _outputs_beside(path: Path) -> Path | None:
    """Return the outputs that a folder of annotations hangs under: ``MODEL/JUDGE/annotations.json``."""
    files = (path.absolute().parents[n] / "model_outputs.json" for n in (0, 1))
    return next((file for file in files if file.is_file()), None)


OUTPUTS = Shipped(
    name="alpaca-eval",
    what="file of AlpacaEval's outputs: its rows have no 'instruction', 'output' and 'generator'",
    recognises=is_outputs,
    output=output,
)
ANNOTATIONS = Shipped(
    name="alpaca-eval-annotations",
    what="file of AlpacaEval's annotations: its rows have no 'output_1', 'output_2' and 'preference'",
    recognises=is_annotation,
    output=annotation,
    main=_outputs_beside,
)
