"""Paraphrase candidates of a whole scan: chosen by embeddings where there is a model, ruled on where there is a judge.

A candidate stays one, and flags nothing, until a judge or a person confirms it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rarl_eval.contamination.matching.index import Index
from rarl_eval.contamination.matching.levels import FLAGGED, Match
from rarl_eval.contamination.matching.settings import Thresholds
from rarl_eval.contamination.paraphrase.confirm import Judge, identity, open_confirmer, rulings
from rarl_eval.contamination.paraphrase.propose import Finder, Proposal, index_pairs, numbers_changed
from rarl_eval.contamination.paraphrase.semantic import Embedder, open_embedder
from rarl_eval.rewards import Reach
from rarl_eval.types import Benchmark

Evidence = dict[str, Any]
_TOLD_APART = frozenset({"exact", "near", "sibling", "variant"})
"""Levels by which a document is already known to hold the item, or another of its template."""


@dataclass(frozen=True, kw_only=True)
class Paraphrasing:
    """How paraphrases are looked for."""

    embedder: Embedder | None = None
    embedder_name: str | None = None
    judge: Judge | None = None

    def finder(self, benchmarks: Sequence[Benchmark], settings: Thresholds, fields: Sequence[str]) -> Finder:
        """Return what proposes documents, shard by shard; with embeddings it may propose more."""
        least = settings.paraphrase if self.embedder is None else settings.paraphrase_embedded
        return Finder(index_pairs(benchmarks, least), tuple(fields))

    def tell(
        self,
        index: Index,
        proposals: Iterable[Proposal],
        found: Mapping[int, list[Match]],
        settings: Thresholds,
    ) -> tuple[dict[int, list[Evidence]], dict[str, Any]]:
        """Evidence per item, best first, and what scan.json says of how it came about.

        Documents whose finding already tells that they hold the item, or a variant of it, are no candidates; items that
        are flagged anyhow are not put to the judge.
        """
        known = {(n, f.sighting.document) for n, here in found.items() for f in here if f.level in _TOLD_APART}
        new = [p for p in proposals if (p.item, p.document) not in known]
        chosen = _chosen(self, index, new, settings)
        flagged = {n for n, here in found.items() if here and here[0].level in FLAGGED}
        told = _rulings(self.judge, index, {n: c for n, c in chosen.items() if n not in flagged}, settings)
        judge = self.judge.name if self.judge else None
        evidence = {n: [_evidence(index, c, told.get(c), judge) for c in here] for n, here in chosen.items()}
        return evidence, self._report(Counter(told.values()))

    def _report(self, rulings: Counter[str]) -> dict[str, Any]:
        return {
            "embeddings": self.embedder_name,
            "judge": identity(self.judge) if self.judge else None,
            "asked": rulings.total(),
            "confirmed": rulings["same"],
            "refused": rulings["different"],
            "no_verdict": rulings["silent"],
            "failed": rulings["failed"],
        }


def open_paraphrasing(embed: str | None, confirm: str | None, reach: Reach) -> Paraphrasing:
    """Open the model of embeddings and the judge, where they are named."""
    return Paraphrasing(
        embedder=open_embedder(embed) if embed else None,
        embedder_name=Path(embed).name if embed else None,
        judge=open_confirmer(confirm, reach) if confirm else None,
    )


class _Likeness(msgspec.Struct, frozen=True):
    proposal: Proposal
    similarity: float | None

    @property
    def rank(self) -> tuple[float, float, str, tuple[int, int]]:
        p = self.proposal
        return -(self.similarity or 0.0), -p.score, p.document, p.order


def _chosen(
    how: Paraphrasing, index: Index, proposals: Sequence[Proposal], settings: Thresholds
) -> dict[int, list[_Likeness]]:
    similarities = _similarities(how.embedder, index, proposals)
    by_item: dict[int, list[_Likeness]] = defaultdict(list)
    for proposal, similarity in zip(proposals, similarities, strict=True):
        if similarity is None or similarity >= settings.paraphrase_similarity:
            by_item[proposal.item].append(_Likeness(proposal, similarity))
    return {
        item: sorted(here, key=lambda c: c.rank)[: settings.paraphrases_kept] for item, here in sorted(by_item.items())
    }


def _similarities(embedder: Embedder | None, index: Index, proposals: Sequence[Proposal]) -> list[float | None]:
    """Cosine of each proposal's text and its item's question; None without a model."""
    if embedder is None or not proposals:
        return [None] * len(proposals)
    numbers = sorted({p.item for p in proposals})
    questions = dict(zip(numbers, embedder([index.items[n][1].question for n in numbers]), strict=True))
    texts = embedder([p.excerpt for p in proposals])
    return [round(float(texts[n] @ questions[p.item]), 3) for n, p in enumerate(proposals)]


def _rulings(
    judge: Judge | None, index: Index, chosen: Mapping[int, list[_Likeness]], settings: Thresholds
) -> dict[_Likeness, str]:
    if judge is None:
        return {}
    asked = [c for here in chosen.values() for c in here[: settings.paraphrases_judged]]
    said = rulings(judge, [(index.items[c.proposal.item][1], c.proposal.excerpt) for c in asked])
    names = {True: "same", False: "different", None: "silent"}
    return {c: "failed" if r.failed else names[r.same] for c, r in zip(asked, said, strict=True)}


def _evidence(index: Index, candidate: _Likeness, ruling: str | None, judge: str | None) -> Evidence:
    p = candidate.proposal
    confirmed = {"same": True, "different": False}.get(ruling or "")
    return {
        "level": "paraphrase",
        "part": "question",
        "score": p.score,
        "document": p.document,
        "offset": p.offset,
        "excerpt": p.excerpt,
        "numbers_changed": numbers_changed(index.items[p.item][1].question, p.excerpt),
        "answer_beside": None,
        "similarity": candidate.similarity,
        "confirmed": confirmed,
        "judge": judge if confirmed is not None else None,
    }
