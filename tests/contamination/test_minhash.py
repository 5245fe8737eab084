"""Signatures equal datasketch's, bit by bit."""

import random

import numpy as np
import pytest
from datasketch import MinHash

from rarl_eval.contamination.minhash import as_datasketch, near_duplicates, shingles, signature
from tests.contamination.made import benchmark, problems, prose


@pytest.mark.parametrize("scheme", ["affine32", "legacy"])
@pytest.mark.parametrize(("num_perm", "seed"), [(128, 1), (64, 7)])
def test_signatures_are_bit_identical(scheme: str, num_perm: int, seed: int) -> None:
    """For the same 32-bit hashes, scheme, seed and number of permutations the arrays are equal, types included."""
    rng = random.Random(1)
    for _ in range(50):
        hashes = shingles(prose(rng, rng.randint(0, 200)))
        theirs = MinHash(num_perm=num_perm, seed=seed, hashfunc=lambda h: h, scheme=scheme)
        theirs.update_batch(hashes.tolist())
        ours = signature(hashes, num_perm, seed, scheme)  # type: ignore[arg-type]
        assert ours.dtype == theirs.hashvalues.dtype
        assert ours.tolist() == theirs.hashvalues.tolist()


def test_our_signature_is_a_datasketch_one() -> None:
    """Wrapped, it estimates the same similarity as one that datasketch made, and can be updated on."""
    a, b = shingles("one two three four five six seven"), shingles("one two three four five six eight")
    theirs = MinHash(num_perm=256, hashfunc=lambda h: h)
    theirs.update_batch(b.tolist())
    ours = as_datasketch(signature(a, 256))
    assert ours.jaccard(theirs) == float(np.mean(signature(a, 256) == signature(b, 256)))


def test_near_duplicates_are_found_by_lsh() -> None:
    """Copies of whole items are found with their similarity, other text is not."""
    items = problems(30, seed=5)
    rng = random.Random(6)
    documents = [(f"d{n}", prose(rng)) for n in range(100)]
    documents += [(f"copy{n}", items[n].question.upper() + " Answer below.") for n in range(10)]
    found = list(near_duplicates([benchmark(items)], documents))
    assert [(f.document, f.key) for f in found] == [(f"copy{n}", items[n].key) for n in range(10)]
    assert all(0.8 < f.similarity < 1 for f in found)
