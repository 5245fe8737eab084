"""Signatures equal datasketch's, bit by bit."""

import random

import numpy as np
import pytest
from datasketch import MinHash

from rarl_eval.contamination.matching.minhash import as_datasketch, repeats, shingles, signature
from tests.contamination.made import prose


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


def test_repeats_are_found_by_lsh() -> None:
    """What resembles an earlier text names it; another figure makes a short text another, and no words are no repeat."""
    rng = random.Random(6)
    long = prose(rng, 200)
    problem = "A farmer has 12 hens and 30 eggs ; how many eggs does each hen lay ?"
    documents = [("a", long), ("b", prose(rng, 200)), ("c", long.upper() + " Once more."), ("empty", ""), ("none", "")]
    documents += [("d", problem), ("e", problem.replace("12", "15").replace("30", "45")), ("f", f"{long}. {problem}")]
    found = [(r.document, r.of, r.similarity >= 0.8) for r in repeats(documents, 0.8)]
    assert found == [("c", "a", True), ("f", "a", True)]


def test_a_chain_of_repeats_keeps_one_of_each_neighbour() -> None:
    """A text that resembles only a repeat is kept: every document that leaves has one that stays."""
    words = prose(random.Random(8), 300).split()
    chain = [(str(n), " ".join([f"w{n}{k}" for k in range(36 * n)] + words[36 * n :])) for n in range(3)]
    chain = [(name, "".join(c for c in text if not c.isdigit())) for name, text in chain]
    kept_apart = [r.of for r in repeats([chain[0], chain[2]], 0.7)]
    assert kept_apart == []
    assert [(r.document, r.of) for r in repeats(chain, 0.7)] == [("1", "0")]
