"""MinHash of whole items and documents, bit-identical to datasketch's, for corpora too large for anything else.

A text's set is its word 5-grams, each hashed to 32 bits by ``shingles``; the signature is the one that
``datasketch.MinHash`` gives for the same hashes, schemes ``affine32`` (its default) and ``legacy`` (before 2.0), so its
LSH and saved indexes work with ours. Source of both formulas: datasketch 2.0.0, ``minhash.py``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination import ngrams
from rarl_eval.contamination.compiling import compiled
from rarl_eval.contamination.index import words_of
from rarl_eval.types import Benchmark

Scheme = Literal["affine32", "legacy"]
Hashes32 = npt.NDArray[np.uint32]

_PRIME = np.uint64((1 << 61) - 1)
_LOW = np.uint64((1 << 32) - 1)
_U61, _U32 = np.uint64(61), np.uint64(32)
_A1, _A2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_S16, _S13 = np.uint32(16), np.uint32(13)


@dataclass(frozen=True)
class Near:
    """A document whose signature resembles an item's."""

    task: str
    key: str
    document: str
    similarity: float
    """Estimated Jaccard similarity of their word 5-grams."""


def shingles(text: str | bytes) -> Hashes32:
    """32-bit hashes of the different word 5-grams of a text, sorted; of the words where there are fewer than five."""
    hashes, kinds, _, _ = words_of(text)
    n = hashes.size
    grams, begins, ends = np.empty(n, np.uint64), np.empty(n, np.int64), np.empty(n, np.int64)
    count = ngrams.grams_of(hashes, kinds, n, grams, begins, ends)
    told = grams[:count] if count else hashes
    return np.unique((told >> _U32).astype(np.uint32))


def signature(hashes: Hashes32, num_perm: int = 128, seed: int = 1, scheme: Scheme = "affine32") -> npt.NDArray[Any]:
    """Signature of a set of 32-bit hashes: uint32 for affine32, uint64 for legacy, as datasketch stores them."""
    a, b = _permutations(num_perm, seed, scheme)
    values = np.ascontiguousarray(hashes, np.uint32)
    if scheme == "affine32":
        found: npt.NDArray[Any] = _affine32(values, a, b)
    else:
        found = _legacy(values, a, b)
    return found


def near_duplicates(
    benchmarks: Sequence[Benchmark], documents: Iterable[tuple[str, str]], threshold: float = 0.5, num_perm: int = 128
) -> Iterator[Near]:
    """Documents (name, text) that resemble a whole item, by datasketch's LSH over the items' questions."""
    from datasketch import MinHashLSH

    items = {
        (b.task.name, item.key): signature(shingles(item.question), num_perm) for b in benchmarks for item in b.items
    }
    lsh = MinHashLSH(threshold=threshold, num_perm=num_perm)
    for name, values in items.items():
        lsh.insert(name, as_datasketch(values))
    for document, text in documents:
        values = signature(shingles(text), num_perm)
        for task, key in sorted(lsh.query(as_datasketch(values))):
            similarity = float(np.mean(items[task, key] == values))
            if similarity >= threshold:
                yield Near(task, key, document, similarity)


def as_datasketch(values: npt.NDArray[Any], seed: int = 1) -> Any:
    """Return a signature as ``datasketch.MinHash``, for its LSH and its files."""
    from datasketch import MinHash

    scheme: Scheme = "legacy" if values.dtype == np.uint64 else "affine32"
    permutations = _permutations(values.size, seed, scheme)
    return MinHash(
        num_perm=values.size, seed=seed, hashvalues=values, permutations=np.array(permutations), scheme=scheme
    )


@lru_cache(maxsize=16)
def _permutations(num_perm: int, seed: int, scheme: Scheme) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Draw the parameters that datasketch draws for this seed."""
    generator = np.random.RandomState(seed)
    if scheme == "legacy":
        pairs = [
            (generator.randint(1, int(_PRIME), dtype=np.uint64), generator.randint(0, int(_PRIME), dtype=np.uint64))
            for _ in range(num_perm)
        ]
        drawn = np.array(pairs, np.uint64)
        return np.ascontiguousarray(drawn[:, 0]), np.ascontiguousarray(drawn[:, 1])
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)


@compiled
def _affine32(values: Any, a: Any, b: Any) -> Any:
    """Minimum over ``fmix(h) * a + b`` modulo 2^32, all permutations side by side."""
    out = np.full(a.size, np.uint32(0xFFFFFFFF), np.uint32)
    for value in values:
        h = value
        h = np.uint32(h ^ (h >> _S16))
        h = np.uint32(h * _A1)
        h = np.uint32(h ^ (h >> _S13))
        h = np.uint32(h * _A2)
        h = np.uint32(h ^ (h >> _S16))
        for k in range(a.size):
            out[k] = min(out[k], np.uint32(np.uint32(h * a[k]) + b[k]))
    return out


@compiled
def _legacy(values: Any, a: Any, b: Any) -> Any:
    """Minimum over ``(a h + b) mod (2^61 - 1)``, low 32 bits, with 64-bit wrap-around before the remainder."""
    out = np.full(a.size, _LOW, np.uint64)
    for value in values:
        h = np.uint64(value)
        for k in range(a.size):
            x = a[k] * h + b[k]
            x = (x & _PRIME) + (x >> _U61)
            x = x - _PRIME if x >= _PRIME else x
            out[k] = min(out[k], x & _LOW)
    return out
