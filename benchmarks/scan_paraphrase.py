"""Paraphrase candidates on real rewordings: threshold chosen on one half of the data, reported on the other.

    python benchmarks/scan_paraphrase.py --data ../shared/data --seed 1 [--embed MODEL]

Positives are llm-decontaminator's 1,319 rephrased GSM8K test questions; clean documents are documentation and sources
of installed packages; other problems of the same kind are GSM8K's training questions. All three are split in halves by
the seed. The lowest threshold that proposes at most half of the allowed share of clean documents on the first half is
held to the other half: recall of the right item, and documents proposed, with 95 % Wilson intervals. With ``--embed``
the same again for embeddings: pairs propose from a lower score on, and the cosine is what the threshold is chosen for.
Beside them: a lookup of word 8-grams. Writes scan_paraphrase.md.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

# A script's own folder comes first on the path, where coverage.py would hide the package that numba looks for.
sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]

from rarl_eval.contamination.matching.settings import Thresholds  # noqa: E402
from rarl_eval.contamination.paraphrase.propose import Finder, index_pairs  # noqa: E402
from rarl_eval.contamination.paraphrase.semantic import Embedder, open_embedder  # noqa: E402
from rarl_eval.types import Benchmark, Item, Source, Task, Verdict  # noqa: E402

ALLOWED = 0.001
"""Share of clean documents that may be proposed."""
THRESHOLDS = [n / 100 for n in range(30, 96, 5)]
Scores = list[dict[int, float]]
"""Per document, the score of each item it was proposed for."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clean", type=int, default=24_000, help="clean documents")
    parser.add_argument("--embed", help="sentence-transformers model")
    args = parser.parse_args()
    items, texts = load(args.data, args.clean)
    halves = split(texts, args.seed)
    lookup = eight_grams(items, texts)
    share = f"{ALLOWED / 2:.2%} of the clean documents of the first half are proposed (allowed: {ALLOWED:.1%})"
    parts = [f"Seed {args.seed}. Thresholds are the lowest at which at most {share}.\n"]
    found, rate = scored(items, texts, None)
    parts.append(render("Pairs of content words", Thresholds().paraphrase, found, halves, lookup))
    parts.append(f"Clean text through the pairs, one thread: {rate:.0f} MB a CPU second, a call a document.\n")
    if args.embed:
        found, _ = scored(items, texts, open_embedder(args.embed))
        name = f"Embeddings ({Path(args.embed).name}) among pairs from {Thresholds().paraphrase_embedded}"
        parts.append(render(name, Thresholds().paraphrase_similarity, found, halves, lookup))
    Path(__file__).with_suffix(".md").write_text("\n".join(parts), encoding="utf-8")
    print("\n".join(parts))


def load(data: Path, clean: int) -> tuple[list[Item], dict[str, list[str]]]:
    """Items, and the documents of each kind."""
    items = [
        Item(id=str(n), question=r["question"], gold=r["answer"])
        for n, r in enumerate(jsonl(data / "math/gsm8k/test.jsonl.gz"))
    ]
    rephrased = [r["text"] for r in jsonl(data / "math/llm_decontaminator_gsm8k/rephrase_gsm8k.jsonl.gz")]
    train = [r["question"] for r in jsonl(data / "math/gsm8k/train.jsonl.gz")]
    return items, {"rephrased": rephrased, "clean": documents(clean), "same kind": train}


def jsonl(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).split(b"\n") if line]


def documents(most: int) -> list[str]:
    """Real text: documentation and sources of the installed packages, in pieces."""
    roots = [Path(p) for p in sys.path if p.endswith("site-packages")]
    roots += [Path("/usr/share/doc"), Path("/usr/lib/python3")]
    found: list[str] = []
    for path in (
        p for root in roots for end in ("*.md", "*.rst", "METADATA", "*.txt", "*.py") for p in sorted(root.rglob(end))
    ):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found += [piece for at in range(0, min(len(text), 60_000), 3000) if len(piece := text[at : at + 3000]) > 300]
        if len(found) >= most:
            break
    return found[:most]


def scored(
    items: list[Item], texts: dict[str, list[str]], embedder: Embedder | None
) -> tuple[dict[str, Scores], float]:
    """Scores of all documents, and megabytes of clean text a CPU second."""
    least = Thresholds().paraphrase_embedded if embedder else min(THRESHOLDS)
    finder = Finder(index_pairs([benchmark(items)], least))
    finder.text("warm", "up")
    found: dict[str, Scores] = {}
    rate = 0.0
    vectors = embedder([i.question for i in items]) if embedder else None
    for kind, here in texts.items():
        began = time.process_time()
        proposals = [finder.text(str(n), text) for n, text in enumerate(here)]
        rate = sum(map(len, here)) / 1e6 / (time.process_time() - began) if kind == "clean" else rate
        if embedder is None or vectors is None:
            found[kind] = [{p.item: p.score for p in one} for one in proposals]
            continue
        flat = iter(embedder([p.excerpt for one in proposals for p in one] or [""]))
        found[kind] = [{p.item: round(float(next(flat) @ vectors[p.item]), 3) for p in one} for one in proposals]
    return found, rate


def benchmark(items: list[Item]) -> Benchmark:
    source = Source(path="gsm8k", split="test", licence="MIT", released="2021-10-27")
    task = Task(
        name="gsm8k", domain="math", source=source, item=lambda _: None, verify=lambda *_: Verdict(status="no_answer"),
        prompt=lambda _: [], paper="https://arxiv.org/abs/2110.14168",
    )  # fmt: skip
    return Benchmark(task=task, items=tuple(items), origin="file", revision=None, fingerprint="")


def split(texts: dict[str, list[str]], seed: int) -> dict[str, tuple[list[int], list[int]]]:
    """Numbers of the documents of each half, by kind."""
    halves = {}
    for kind, here in texts.items():
        order = random.Random(f"{seed} {kind}").sample(range(len(here)), len(here))
        halves[kind] = sorted(order[: len(here) // 2]), sorted(order[len(here) // 2 :])
    return halves


def rate_of(kind: str, scores: Scores, numbers: Sequence[int], threshold: float) -> int:
    """How many documents are proposed: rephrased ones for their own item, others for any."""
    if kind == "rephrased":
        return sum(scores[n].get(n, 0.0) >= threshold for n in numbers)
    return sum(any(s >= threshold for s in scores[n].values()) for n in numbers)


def eight_grams(items: list[Item], texts: dict[str, list[str]]) -> dict[str, set[int]]:
    """Documents that share eight words in a row with their own item (rephrased) or any (others)."""
    owners: dict[tuple[str, ...], set[int]] = {}
    for n, item in enumerate(items):
        for gram in grams(item.question):
            owners.setdefault(gram, set()).add(n)
    return {
        kind: {
            n for n, text in enumerate(here)
            if any(owners.get(g, set()) & ({n} if kind == "rephrased" else owners.get(g, set())) for g in grams(text))
        }
        for kind, here in texts.items()
    }  # fmt: skip


def grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 8]) for at in range(len(words) - 7)}


def render(
    name: str,
    default: float,
    scores: dict[str, Scores],
    halves: dict[str, tuple[list[int], list[int]]],
    lookup: dict[str, set[int]],
) -> str:
    fine = [n / 1000 for n in range(300, 1000, 5)]
    clean = halves["clean"][0]
    chosen = next(t for t in fine if rate_of("clean", scores["clean"], clean, t) <= ALLOWED / 2 * len(clean))
    lines = [
        f"## {name}",
        "",
        f"Chosen on the first half: {chosen:.3f}. On the second half:",
        "",
        "| documents | n | proposed | share, 95 % interval | by 8-grams |",
        "|---|---|---|---|---|",
    ]
    for kind, (_, numbers) in halves.items():
        k = rate_of(kind, scores[kind], numbers, chosen)
        other = len(lookup[kind] & set(numbers)) / len(numbers)
        what = "rephrased, for their own item" if kind == "rephrased" else kind
        lines.append(f"| {what} | {len(numbers)} | {k} | {wilson(k, len(numbers))} | {other:.2%} |")
    lines += [
        "",
        "The curve, on the second half:",
        "",
        "| threshold | rephrased | clean | same kind |",
        "|---|---|---|---|",
    ]
    for t in THRESHOLDS:
        told = [rate_of(k, scores[k], numbers, t) / len(numbers) for k, (_, numbers) in halves.items()]
        mark = " (default)" if t == default else ""
        lines.append(f"| {t:.2f}{mark} | {told[0]:.3f} | {told[1]:.3%} | {told[2]:.2%} |")
    return "\n".join(lines) + "\n"


def wilson(k: int, n: int) -> str:
    z, p = 1.959963984540054, k / n
    middle, spread, scale = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5, 1 + z * z / n
    return f"{p:.2%} [{max(0.0, (middle - spread) / scale):.2%}, {(middle + spread) / scale:.2%}]"


if __name__ == "__main__":
    main()
