"""A file that ``torch.save`` wrote, read without running anything that stands in it: no torch, no code, no tensors.

A pickle is a program for a machine that can import and call. Here it can do neither: plain data (numbers, texts, lists,
objects) comes out as it is, a tensor as None, and a name of anything else is refused. Source of the format:
https://pytorch.org/docs/stable/notes/serialization.html
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput

MOST_BYTES = 2**30
"""Of the pickle unfolded; a zip can claim anything."""


class _Plain(pickle.Unpickler):
    """Unpickles plain data and stands in for tensors."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module in {"torch._utils", "torch._tensor"} and name.startswith("_rebuild"):
            return _nothing
        if module == "torch" and name.endswith(("Storage", "Size")):
            return _nothing
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no plain data")

    def persistent_load(self, pid: Any) -> None:  # noqa: ARG002  what tensors are stored under
        return None


def _nothing(*_: Any, **__: Any) -> None:
    return None


def read_saved(path: Path) -> Any:
    """Return the plain data of a file of ``torch.save``; raises BadInput in one sentence for anything else."""
    try:
        return _Plain(io.BytesIO(_pickle(path))).load()
    except zipfile.BadZipFile:
        raise BadInput(
            f"{path} is no file that torch.save wrote whole; is it being written, or an old pickle?"
        ) from None
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001  the boundary: a broken pickle raises anything
        told = " ".join(str(error).split())[:120] or type(error).__name__
        raise BadInput(f"{path} is refused: {told}; write the samples as plain data or as JSONL") from None


def _pickle(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        inner = next((info for info in archive.infolist() if info.filename.endswith("/data.pkl")), None)
        if inner is None:
            raise BadInput(f"{path} holds no data.pkl; save it with torch.save of torch 1.6 or later, or as JSONL")
        if inner.file_size > MOST_BYTES:
            raise BadInput(f"{path} unfolds to more than {MOST_BYTES >> 30} GiB; write fewer samples to a file")
        return archive.read(inner)
