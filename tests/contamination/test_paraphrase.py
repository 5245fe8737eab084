"""Paraphrase candidates."""

import gzip
import json
from pathlib import Path

from rarl_eval.contamination.paraphrase import candidates, index_pairs
from rarl_eval.types import Item
from tests.contamination.made import benchmark, problems


def test_a_reworded_problem_is_proposed_for_its_item() -> None:
    """Other word order and other small words leave the pairs of content words."""
    item = Item(id="x", question="A baker sells 12 loaves every morning and bakes 30 muffins for the fair.", gold="1")
    text = "Each morning twelve (12) loaves are sold by the baker, who has baked 30 muffins for a fair."
    found = list(candidates(index_pairs([benchmark([item, *problems(20)])]), [("d", text), ("e", "A baker rests.")]))
    assert [(c.document, c.key) for c in found] == [("d", item.key)]


def test_rephrased_gsm8k(shared: Path) -> None:
    """At least 0.8 of the 1,319 rephrased questions are proposed for their own item."""
    tests = [
        json.loads(x) for x in gzip.decompress((shared / "math/gsm8k/test.jsonl.gz").read_bytes()).split(b"\n") if x
    ]
    data = gzip.decompress((shared / "math/llm_decontaminator_gsm8k/rephrase_gsm8k.jsonl.gz").read_bytes())
    texts = [json.loads(x)["text"] for x in data.split(b"\n") if x]
    items = [Item(id=str(n), question=r["question"], gold=r["answer"]) for n, r in enumerate(tests)]
    found = {(c.document, c.key) for c in candidates(index_pairs([benchmark(items)]), enumerate_names(texts))}
    own = sum((str(n), item.key) in found for n, item in enumerate(items))
    assert own / len(items) >= 0.8


def enumerate_names(texts: list[str]) -> list[tuple[str, str]]:
    return [(str(n), text) for n, text in enumerate(texts)]
