"""MinHash of documents, bit-identical to datasketch's and some forty times as fast, and documents that repeat others.

A text's set is its word 5-grams, numbers as they are, each hashed to 32 bits by ``shingles``; the signature is the one
that ``datasketch.MinHash`` gives for the same hashes, schemes ``affine32`` (its default) and ``legacy`` (before 2.0),
so its LSH, which finds the repeats here, and saved indexes work with ours. Source of both formulas: datasketch 2.0.0,
``minhash.py``. Not here: what is done with a repeat (corpus/clean.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rarl_eval.contamination.matching.index import words_of
from rarl_eval.contamination.matching.ngrams import WORDS_PER_GRAM, gram_hash
from rarl_eval.contamination.words.compiling import compiled

Scheme = Literal["affine32", "legacy"]
Hashes32 = npt.NDArray[np.uint32]

_PRIME = np.uint64((1 << 61) - 1)
_LOW = np.uint64((1 << 32) - 1)
_U61, _U32 = np.uint64(61), np.uint64(32)
_A1, _A2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_S16, _S13 = np.uint32(16), np.uint32(13)


@dataclass(frozen=True)
class Repeat:
    """A document that nearly repeats an earlier one."""

    document: str
    of: str
    """The document it resembles most of those that are no repeats themselves; the first of several."""
    similarity: float
    """Jaccard similarity of their word 5-grams, estimated from the signatures: with 128 permutations the standard
    error at .8 is .035."""


def shingles(text: str | bytes) -> Hashes32:
    """32-bit hashes of the different word 5-grams of a text, sorted; of the words where there are fewer than five."""
    hashes = words_of(text)[0]
    told = _grams(hashes) if hashes.size >= WORDS_PER_GRAM else hashes
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


def repeats(documents: Iterable[tuple[str, str]], threshold: float, num_perm: int = 128) -> Iterator[Repeat]:
    """Find the documents (name, text) that resemble an earlier one by at least ``threshold``, by datasketch's LSH.

    A repeat stands for no other: what resembles only repeats is kept, so that every document that leaves has one that
    stays. A text without a word is none. Memory grows by about 4 kB a document that is kept.
    """
    from datasketch import MinHashLSH

    lsh = MinHashLSH(threshold=threshold, num_perm=num_perm)
    kept: list[tuple[str, npt.NDArray[Any]]] = []
    for document, text in documents:
        hashes = shingles(text)
        if not hashes.size:
            continue
        values = signature(hashes, num_perm)
        wrapped = as_datasketch(values)
        alike = [(-float(np.mean(kept[n][1] == values)), n) for n in lsh.query(wrapped)]
        nearest, of = min(alike, default=(0.0, -1))
        if of >= 0 and -nearest >= threshold:
            yield Repeat(document, kept[of][0], -nearest)
        else:
            lsh.insert(len(kept), wrapped)
            kept.append((document, values))


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
def _grams(hashes: Any) -> Any:
    """Hash of every five words in a row."""
    grams = np.empty(hashes.size - WORDS_PER_GRAM + 1, np.uint64)
    for k in range(grams.size):
        grams[k] = gram_hash(hashes[k], hashes[k + 1], hashes[k + 2], hashes[k + 3], hashes[k + 4])
    return grams


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
