"""Whether text came out of a shard, and the text that hides in values: JSON in strings, bytes that are text.

What is no text is told with the reason, so that no item is called clean for want of looking. Base64 is said and not
decoded. Not here: containers and encodings (unpack.py).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from rarl_eval.contamination.corpus.unpack import encoding_of, is_utf8
from rarl_eval.contamination.words.compiling import compiled

SAMPLE = 64 * 2**10
"""Bytes of each block that are looked at."""
NOISE = 0.01
"""Share of bytes that are no characters from which a block is no text."""
FEW = 2
"""So many of them are forgiven, however short it is."""
ENCODED, MOSTLY = 0.1, 0.8
"""Share of a block in base64 from which it is said, and from which the block counts as not read."""
DEEPEST = 4
"""JSON in strings of JSON in strings that is opened."""
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r\f\v\b\x1b") + b"\x7f"
_PADDING = re.compile(rb"\0{16,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{120,}={0,2}")
_QUOTE, _BACKSLASH, _BRACE, _BRACKET, _U = (ord(c) for c in '"\\{[u')
_NEAR = 256
"""Bytes from the beginning of a string that is JSON within which a quote of its own stands, escaped."""
_LONG = 9
"""Bytes from an escape that is escaped to the u of the next."""
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def no_text(data: bytes) -> str | None:
    """Why the first bytes of a block are no text; None if they are."""
    sample = _PADDING.sub(b"", data[:SAMPLE])
    broken = len(sample) - len(sample.decode("utf-8", "ignore").encode())
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    bad = broken + controls
    if bad > FEW + 3 * (len(data) > SAMPLE) and bad > NOISE * len(sample):
        return f"{bad / len(sample):.0%} of its bytes are no characters: it is no text, or in an unknown encoding"
    if encoded(sample) > MOSTLY:
        return "it is hardly anything but base64 or the like, which is not decoded"
    return None


def encoded(data: bytes) -> float:
    """Share of the first bytes of a block that is base64 or the like."""
    sample = data[:SAMPLE]
    runs = (found for found in _BASE64.findall(sample) if any(48 <= c < 58 for c in found) and not found.islower())
    return sum(map(len, runs)) / max(1, len(sample))


def opened(data: bytes) -> bytes:
    """Replace strings of JSON lines that are JSON themselves, or hold escapes of it, by what they stand for."""
    parts, done = [], 0
    places = np.empty(len(data) // 16 + 1, np.int64)
    for at in places[: _suspect(np.frombuffer(data, np.uint8), places)].tolist():
        if at < done:
            continue
        begin, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
        end = len(data) if end < 0 else end
        parts += [data[done:begin], _opened_line(data[begin:end])]
        done = end
    return b"".join([*parts, data[done:]]) if parts else data


@compiled
def _suspect(data: Any, out: Any) -> int:
    r"""Write where a string begins that may be JSON, or holds ``\\u`` twice in a row, escaped; returns how many."""
    n, i, size = 0, 1, data.size
    while i < size - 2 and n < out.size:
        c = data[i]
        if c == _QUOTE and data[i - 1] != _BACKSLASH and (data[i + 1] == _BRACE or data[i + 1] == _BRACKET):
            for k in range(i + 2, min(size, i + _NEAR)):
                if data[k] == _QUOTE:
                    if data[k - 1] == _BACKSLASH:
                        out[n] = i
                        n += 1
                    break
        elif c == _BACKSLASH and data[i + 1] == _BACKSLASH:
            again = i + _LONG < size and data[i + _LONG - 1] == _BACKSLASH and data[i + _LONG] == _U
            if data[i + 2] == _U and again:
                out[n] = i
                n += 1
            i += 1
        i += 1
    return n


def _opened_line(line: bytes) -> bytes:
    try:
        value = json.loads(line)
        inner = _inner(value, 0)
        return line if inner == value else json.dumps(inner, ensure_ascii=True).encode()
    except (ValueError, RecursionError):
        return line


def _inner(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return {name: _inner(v, depth) for name, v in value.items()}
    if isinstance(value, list):
        return [_inner(v, depth) for v in value]
    if not isinstance(value, str) or depth == DEEPEST:
        return value
    bare = value.strip()
    if bare[:1] in {"{", "["} and bare[-1:] in {"}", "]"} and '"' in bare:
        try:
            return _inner(json.loads(bare), depth + 1)
        except (ValueError, RecursionError):
            pass
    return _ESCAPE.sub(_unescaped, value) if "\\u" in value else value


def _unescaped(found: re.Match[str]) -> str:
    """Give the characters that a run of escapes stands for."""
    units = bytes.fromhex(found[0].replace("\\u", ""))
    return units.decode("utf-16-be", "surrogatepass")


def readable(row: Mapping[str, Any], unread: set[str]) -> Mapping[str, Any]:
    """Give a row with bytes that are text as text and others left out; ``unread`` notes the columns of those."""
    if not any(isinstance(v, bytes | bytearray | dict | list) for v in row.values()):
        return row
    return {name: _readable(value, name, unread) for name, value in row.items()}


def _readable(value: Any, column: str, unread: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _readable(v, column, unread) for name, v in value.items()}
    if isinstance(value, list):
        return [_readable(v, column, unread) for v in value]
    if not isinstance(value, bytes | bytearray):
        return value
    data = bytes(value)
    encoding = encoding_of(data)
    text = data.decode(encoding or "utf-8", "replace")
    if no_text(text.encode("utf-8", "replace")) is None and (encoding or is_utf8(data)):
        return text
    unread.add(column)
    return None


def holds_text(value: Any) -> bool:
    """Whether a string stands anywhere in a value."""
    if isinstance(value, dict | list):
        return any(map(holds_text, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str)
