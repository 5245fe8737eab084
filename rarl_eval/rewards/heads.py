"""Whether a checkpoint holds the head that a reward model is read through: without it the head is random numbers.

Read off the files alone (``config.json`` and the names of the weights), so that a wrong source is refused before
anything is loaded. Not here: loading (classifiers.py).
"""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput

_HEAD = re.compile(r"^(?:score|classifier|v_head|value_head|reward_head|regression_head|summary)\b")
_LAYERED = re.compile(r"^(?:score|classifier)\.\d+\.weight$")
MOST_HEADER_BYTES = 100 * 2**20
"""The format's own bound of a header."""


def check_files(name: str, form: str, *, own_class: bool = False) -> None:
    """Raise BadInput where the files of a local folder show that ``form`` (``orm`` or ``prm``) reads no head of theirs.

    A back-end with the model's ``own_class`` reads a head of several layers too. A name of the hub, and weights in a
    format without names at its start, are known only when they are loaded.
    """
    folder = Path(name)
    weights = weight_names(folder) if folder.is_dir() else None
    fits = _HEAD.match if own_class else _simple
    if weights is not None and not any(map(fits, weights)):
        raise refused(name, form, weights, architectures(folder))


def check_loaded(name: str, form: str, missing: Collection[str], unexpected: Collection[str], kinds: list[str]) -> None:
    """Raise BadInput where loading left weights without a value in the checkpoint: they are random."""
    if missing:
        raise refused(name, form, unexpected, kinds, sorted(missing))


def refused(
    name: str,
    form: str,
    weights: Collection[str],
    kinds: list[str],
    missing: Collection[str] = (),
    through: str = "hf",
) -> BadInput:
    """Return the error of a checkpoint without the head that is asked for; it names the source that fits."""
    what = f", and {', '.join(list(missing)[:3])} would be random numbers" if missing else ""
    if any(map(_LAYERED.match, weights)):
        fits = (
            f"its head has several layers: prm:layered:{name} reads them, or {form}:vllm:{name} through its own class"
        )
    elif any(kind.endswith("ForCausalLM") for kind in kinds) and through != "causal":
        fits = (
            f"it is a causal model: prm:causal:{name} reads steps that are answered with + or -, "
            "pointwise:vllm: or template:FORM:vllm: asks it as a judge"
        )
    else:
        fits = "name a checkpoint that was saved with its head"
    return BadInput(f"--reward {form}:{through}:{name}: the head is not in the checkpoint{what}; {fits}")


def architectures(folder: Path) -> list[str]:
    """Return the classes that ``config.json`` names."""
    found = _object(folder / "config.json").get("architectures")
    return [str(kind) for kind in found] if isinstance(found, list) else []


def weight_names(folder: Path) -> set[str] | None:
    """Names of all weights in safetensors files, by their index or their headers; None where there are none."""
    index = _object(folder / "model.safetensors.index.json").get("weight_map")
    if isinstance(index, dict):
        return set(index)
    files = sorted(folder.glob("*.safetensors"))
    return {key for file in files for key in _header(file)} if files else None


def _simple(name: str) -> bool:
    """Whether a weight is of a head that transformers' own classes read: one linear layer."""
    return bool(_HEAD.match(name)) and not _LAYERED.match(name) and not re.match(r"^(?:score|classifier)\.\d+\.", name)


def _header(file: Path) -> set[str]:
    """Names in a safetensors file, which begins with the length of a JSON object of them."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if size > MOST_HEADER_BYTES:
            raise BadInput(f"{file} is no safetensors file: its header would be {size} bytes; fetch the file again")
        try:
            return set(json.loads(stream.read(size))) - {"__metadata__"}
        except ValueError as error:
            raise BadInput(f"{file} is no safetensors file: {error}; fetch the file again") from error


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} is not JSON: {error}; fetch the file again") from error
    return found if isinstance(found, dict) else {}
