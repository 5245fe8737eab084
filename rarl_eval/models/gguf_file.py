"""The head of a GGUF file: what the model says of itself before its weights.

Not here: the weights. The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2
and 3, little-endian.
"""

import struct
from pathlib import Path
from typing import Any, BinaryIO

from rarl_eval.errors import BadInput
from rarl_eval.files.plain import digest

MAGIC = b"GGUF"
LONGEST_TEXT = 1 << 24
"""Bytes; a longer key or value is a broken file."""
SAMPLE_BYTES, SAMPLES = 1 << 16, 1024

_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9


def read_head(path: Path) -> dict[str, Any]:
    """Return the scalar and text entries of a GGUF file's head; arrays (the tokenizer's lists) are skipped.

    Raises BadInput for a file that is missing, no GGUF, or cut short.
    """
    try:
        with path.open("rb") as file:
            return _head(file, path)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror}); --model gguf: needs the path of a .gguf file"
        ) from None
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise BadInput(f"{path} is a damaged GGUF file: {error}; fetch or convert it again") from None


def contents_hash(path: Path) -> str:
    """Hash a file's size and up to 64 MiB of it, evenly spread: the same for a copy, another for retrained weights."""
    size = path.stat().st_size
    step = max(SAMPLE_BYTES, size // SAMPLES)
    with path.open("rb") as file:
        parts = []
        for at in range(0, size, step):
            file.seek(at)
            parts.append(file.read(SAMPLE_BYTES).hex())
    return digest([size, parts])


def _head(file: BinaryIO, path: Path) -> dict[str, Any]:
    if file.read(4) != MAGIC:
        raise BadInput(f"{path} is no GGUF file; convert the model with llama.cpp's convert_hf_to_gguf.py")
    version, _, count = struct.unpack("<IQQ", file.read(20))
    if version not in {2, 3}:
        raise BadInput(f"{path} is GGUF version {version}; versions 2 and 3 can be read: convert it again")
    found: dict[str, Any] = {}
    for _ in range(count):
        name, kind = _text(file), _number(file, "<I")
        if kind == _ARRAY:
            _skip_array(file)
        else:
            found[name] = _text(file) if kind == _TEXT else _number(file, _format(kind))
    return found


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _text(file: BinaryIO) -> str:
    length = _number(file, "<Q")
    if length > LONGEST_TEXT:
        raise ValueError(f"a text of {length} bytes in its head")
    content = file.read(length)
    if len(content) < length:
        raise ValueError("it ends inside its head")
    return content.decode("utf-8")


def _skip_array(file: BinaryIO) -> None:
    kind, count = _number(file, "<I"), _number(file, "<Q")
    if kind != _TEXT:
        file.seek(count * struct.calcsize(_format(kind)), 1)
        return
    for _ in range(count):
        _text(file)


def _format(kind: int) -> str:
    if kind not in _FORMATS:
        raise ValueError(f"an entry of unknown type {kind} in its head")
    return _FORMATS[kind]
