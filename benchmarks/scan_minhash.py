"""MinHash signatures of 10,000 real documents: equal to datasketch's, and how much faster.

    python benchmarks/scan_minhash.py [--documents 10000]

Documents are documentation and sources of the installed packages. Both get the same 32-bit hashes of word 5-grams;
every array is compared element by element, and the CPU seconds of both are measured in turns, a tenth of the documents
at a time. Writes scan_minhash.md.
"""

import argparse
import sys
import time
from pathlib import Path

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

import numpy as np  # noqa: E402
from datasketch import MinHash  # noqa: E402

from rarl_eval.contamination.matching.minhash import Hashes32, Scheme, shingles, signature  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=10_000)
    args = parser.parse_args()
    hashes = [shingles(text) for text in documents(args.documents)]
    lines = [
        "| scheme | documents | hashes | different | datasketch, CPU s | ours, CPU s | times |",
        "|---|---|---|---|---|---|---|",
    ]
    schemes: tuple[Scheme, ...] = ("affine32", "legacy")
    for scheme in schemes:
        different, theirs, ours = measured(hashes, scheme)
        total = sum(h.size for h in hashes)
        told = f"{theirs:.2f} | {ours:.2f} | {theirs / ours:.0f}"
        lines.append(f"| {scheme} | {len(hashes):,} | {total:,} | {different} | {told} |")
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def documents(most: int) -> list[str]:
    found: list[str] = []
    roots = [Path(p) for p in sys.path if p.endswith("site-packages")]
    for path in (p for root in roots for end in ("*.md", "*.rst", "*.txt", "*.py") for p in sorted(root.rglob(end))):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found += [piece for at in range(0, min(len(text), 60_000), 3000) if len(piece := text[at : at + 3000]) > 300]
        if len(found) >= most:
            return found[:most]
    return found


def measured(hashes: list[Hashes32], scheme: Scheme) -> tuple[int, float, float]:
    """Signatures that differ, and CPU seconds of datasketch and of ours."""
    signature(hashes[0], scheme=scheme)
    different, theirs, ours = 0, 0.0, 0.0
    step = max(1, len(hashes) // 10)
    for start in range(0, len(hashes), step):
        some = hashes[start : start + step]
        began = time.process_time()
        a = [one(h, scheme) for h in some]
        theirs += time.process_time() - began
        began = time.process_time()
        b = [signature(h, scheme=scheme) for h in some]
        ours += time.process_time() - began
        different += sum(x.dtype != y.dtype or x.tolist() != y.tolist() for x, y in zip(a, b, strict=True))
    return different, theirs, ours


def one(hashes: Hashes32, scheme: Scheme) -> np.ndarray:
    made = MinHash(num_perm=128, seed=1, hashfunc=lambda h: h, scheme=scheme)
    made.update_batch(hashes.tolist())
    return made.hashvalues


if __name__ == "__main__":
    main()
