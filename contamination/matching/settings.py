"""Every threshold of the scanner, each with what it is for. Written whole into scan.json."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What decides; shares are of an item's words or grams, weighted by rarity, between 0 and 1."""

    near: float = 0.62
    """An aligned copy: share of the part's words found in order. Copies with 30 % of their words edited keep 0.7."""
    near_unordered: float = 0.62
    """A copy with sentences moved: share of its words under 5-grams found near each other in any order."""
    edited_words: int = 12
    """An edited copy of a shorter part counts only with the answer or options beside it."""
    own_share: float = 0.5
    """Share that an edited copy must hold of the words that no other item of the benchmarks has."""
    variant: float = 0.5
    """The same text with other numbers: share of the words found, numbers and what was reworded with them not."""
    number_tolerance: float = 0.1
    """Share of an item's numbers that may differ in a copy; beyond it the text is a variant."""
    partial: float = 0.35
    """A truncated half: share of the part's words in one unbroken run."""
    partial_words: int = 10
    """Words such a run must have at least."""
    shortest_words: int = 5
    """Items whose parts are all shorter, and that have no options, are too short to tell."""
    whole_words: int = 8
    """A part of fewer words flags only with its answer or options beside it, or if it is rare."""
    answer_words: int = 8
    """A solution or answer of fewer words is no evidence on its own."""
    telling_words: int = 5
    """Nor is one, or a set of options, with fewer words that are neither numbers nor single letters."""
    distinctive_words: float = 10.0
    """A question about a passage needs so many weighted words to flag with its answer but without the passage."""
    distinctive_alone: float = 20.0
    """And so many to flag with neither: others ask in the same words about passages of their own."""
    distinctive_told: float = 5.0
    """So many will do beside its answer where that is a number of three digits: no other question has it."""
    statement_words: int = 12
    """A statement of fewer words, or whose words weigh less than ``distinctive_words``, is looked for with the rest."""
    body_weight: float = 10.0
    """Weighted words of a function's body that flag without its question, twice as many where it was edited: a loop of
    fewer is anyone's."""
    context_share: float = 0.5
    """Share of the passage's, options' or answer's 5-grams that must stand in the document to count as beside it."""
    evidence_kept: int = 8
    """Best places kept per part of an item and file."""
    excerpt_characters: int = 400
    paraphrase: float = 0.5
    """Share of an item's weighted content words from which a document is proposed as a paraphrase."""
    paraphrase_embedded: float = 0.35
    """The same where embeddings choose among what is proposed."""
    paraphrase_similarity: float = 0.7
    """Cosine of item and place from which embeddings let a proposal pass."""
    paraphrases_proposed: int = 32
    """Best proposals kept per item and file."""
    paraphrases_kept: int = 8
    """Candidates told per item."""
    paraphrases_judged: int = 3
    """Candidates put to a judge per item, the best first."""
    sweep: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.62, 0.7, 0.8, 0.9, 1.0)
    """Thresholds at which scan.json counts what would be flagged."""
