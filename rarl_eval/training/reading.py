"""A watched training read back, and what of it bears on whether its model's scores can be believed."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rarl_eval.belief import Training
from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.training.present import alarm
from rarl_eval.training.watch import SCHEMA, Watching

PARTED = "reward less truth"


def read(folder: Path) -> Watching:
    """Read training.json of a folder that ``rarl-eval training`` wrote.

    Raises BadInput for what is no such folder, SchemaMismatch for one of another version.
    """
    file = folder / "training.json" if folder.is_dir() else folder
    try:
        found = msgspec.json.decode(file.read_bytes())
        schema = found.get("schema") if isinstance(found, dict) else None
        if schema != SCHEMA:
            raise SchemaMismatch(f"{file} has training schema {schema}, this version reads {SCHEMA}; watch it again")
        return msgspec.convert(found, Watching)
    except OSError as error:
        raise BadInput(
            f"{folder} is no watched training ({error}); write one with: rarl-eval training DUMPS --out {folder}"
        ) from error
    except msgspec.MsgspecError as error:
        raise BadInput(f"{file} is damaged ({error}); watch the training again") from error


def trainings_of(options: Sequence[str]) -> list[tuple[str, Path, Watching]]:
    """Read what each ``--training-of MODEL=DIR`` names: model, folder and training."""
    found = []
    for option in options:
        model, equals, folder = option.partition("=")
        if not (model and equals and folder):
            raise BadInput(f"--training-of {option!r} is not MODEL=DIR, a model's name and a folder of its training")
        found.append((model, Path(folder), read(Path(folder))))
    return found


def bearing(path: Path, found: Watching) -> Training:
    """Return what bears on belief."""
    known = [one for one in found.steps if one.step is not None and one.less_truth is not None]
    first, last = known[: found.window], known[found.window :][-found.window :]
    return Training(
        path=str(path),
        steps=len(known),
        judged=found.judged,
        watched=any(onset.before is not None for onset in found.onsets) and bool(last),
        parted=next((alarm(onset, found) for onset in found.alarms if onset.watch == PARTED), None),
        others=tuple(alarm(onset, found) for onset in found.alarms if onset.watch != PARTED),
        pays=tuple(finding.sentence for finding in found.exploits),
        rise=_mean([s.less_truth or 0.0 for s in last]) - _mean([s.less_truth or 0.0 for s in first]) if last else None,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
