"""The nouns. Everything the harness says is one of these, and this file is their manual.

An Item is asked, a Trace is what came back, a Verdict says whether it is right, a Reward is what a signal says
of it, and a Record is one row of a run.

``None`` means unknown; it is never NaN, 0 or "". Unscanned is not clean, and a failed call is not a wrong answer.
The words follow the survey "Reward Modeling for RL-Based LLM Reasoning" (arXiv 2602.09305): a Trace is a
trajectory, and its taxonomy of rewards (who judges x at what grain x meaning what) is the fields of Reward.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

Row = Mapping[str, Any]
"""One row of a benchmark as its source stores it."""

Style = Literal["cot", "zero-shot", "few-shot"]
"""How a benchmark is asked: with reasoning first, for the answer alone, after worked examples (data/styles.py)."""
Domain = Literal["math", "code", "finance", "medicine", "science", "general"]
"""The domains of the shipped benchmarks; ``general`` holds what spans several, and what users add."""
Stop = Literal["end", "length", "error"]
Status = Literal[
    "correct",
    "incorrect",
    "no_answer",
    "ambiguous",
    "abstained",
    "unparsable_gold",
    "unjudged",
    "cannot_judge",
    "timeout",
    "memory",
    "crash",
    "forbidden",
]
"""``abstained``: the reply declines ("cannot be determined", a refusal); not right, and no wrong answer either.
``unjudged`` waits for a judge model and is neither right nor wrong. ``cannot_judge``: what should say whether the
answer is right did not (its code raised, or what it needs is not here); in no denominator, counted. The last three
are of programs: out of memory, died or raised, did what the sandbox forbids; all count as wrong."""
UNANSWERABLE = "cannot be determined"
"""Gold of a question that has no answer, because a premise is missing: to decline is right, to answer is wrong."""
Judge = Literal["rule", "discriminative", "generative", "self"]
Grain = Literal["outcome", "process"]
Meaning = Literal["accuracy", "value", "shaping", "preference"]
Level = Literal["exact", "near", "sibling", "variant", "partial", "paraphrase"]
Part = Literal["question", "statement", "answer", "both", "context", "choices"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a benchmark."""

    id: str
    """The benchmark's own id where it has one, else the row number as text."""
    question: str
    gold: str
    """The right answer as the verifier reads it: a number, LaTeX, an option's letter, a literal, JSON for a list."""
    context: str = ""
    """Passage, table or code the question is about, as text."""
    choices: tuple[str, ...] = ()
    """Options in order; their letters are A, B, C ..."""
    solution: str | None = None
    """The benchmark's worked solution or long answer; the scanner looks for it too."""
    tests: str | None = None
    """Test code of a programming problem."""
    released: str | None = None
    """ISO date on which this item became public, where it is known better than its benchmark's."""
    group: str | None = None
    """Items of one passage share a group; their errors are not independent."""
    repeat: int = 0
    """How many earlier rows of the benchmark have the same content; set by data.load."""
    twin: str | None = None
    """Key of the same question with all its premises, where this one lacks one (its gold is ``UNANSWERABLE``)."""
    meta: dict[str, Any] = {}
    """What only the task's own prompt or verifier needs, e.g. scale and unit."""

    @property
    def key(self) -> str:
        """Content hash (32 hex digits) of what is asked and what is right; joins runs, scans and boards."""
        parts = (self.question, self.context, *self.choices, self.gold)
        text = "\x1f".join(" ".join((p if p.isascii() else unicodedata.normalize("NFC", p)).split()) for p in parts)
        if self.repeat:
            text += f"\x1f#{self.repeat}"
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Message(msgspec.Struct, frozen=True):
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark came to at a named revision: whoever loads another number has not the whole of it."""

    items: int
    of: str
    """Revision that was counted: a commit, or the public evidence that names the number."""
    fingerprint: str | None = None
    """Of the items at that revision as this version of the task reads them; None where only their number is known."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a benchmark's rows come from."""

    path: str
    """Hub dataset, e.g. ``openai/gsm8k``, or a repository of code that holds the files, ``github:owner/name``."""
    split: str
    licence: str
    released: str | None
    """ISO date on which the benchmark became public; None where a name alone is known."""
    name: str | None = None
    """Hub configuration."""
    revision: str | None = None
    """Commit of the hub dataset, only where known for certain; else the lock file holds what was resolved."""
    files: tuple[str, ...] = ()
    """Data files inside the repository, where its own configuration cannot be relied on; see repositories.py."""
    local: tuple[str, ...] = ()
    """Paths tried in turn under a data folder (RARL_EVAL_DATA); ``.gz``, ``.zst`` and the like may follow each."""
    known: tuple[Known, ...] = ()
    """Number and fingerprint of the items, of each revision that was counted (data/whole.py)."""
    gated: bool = False
    """Whether the hub gives it only to those who accepted its terms on its page."""
    unproven: str = ""
    """What is said here of the rows that no public code or data bears out, in a few words; "" where all is borne out.
    ``rarl-eval tasks --json`` lists it."""


@dataclass(frozen=True, kw_only=True)
class Shots:
    """Worked examples from rows that a benchmark sets apart for this: its training or validation split."""

    source: Source
    """Where those rows come from; never the split that is asked."""
    places: tuple[int, ...]
    """Which items, counted from 0 in the order of the rows: fixed, so that every run shows the same."""
    same: str | None = None
    """Field of ``Item.meta`` that an example shares with the item it is shown for; places then count within it."""
    item: Callable[[Row], Item | None] | None = None
    """Row to Item, where these rows are read in another way than the task's."""
    answer: Callable[[Item], str] | None = None
    """What is shown as the answer; by default the worked solution and the final line that the task asks for."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A benchmark: how its rows become Items and how an answer to one is judged."""

    name: str
    domain: Domain
    source: Source
    item: Callable[[Row], Item | None]
    """Row to Item; None for a row that is no question of this benchmark (another split, a header)."""
    verify: Callable[[Item, str], "Verdict"]
    """Judge an answer: the text after the reasoning, or the whole text where no reasoning is marked."""
    prompt: Callable[[Item], list[Message]]
    paper: str
    """URL of the paper or page that defines the benchmark."""
    version: int = 1
    """Bumped whenever prompt, extraction or verdicts change; a changed score is a breaking change."""
    style: Style = "cot"
    """The style of ``prompt``."""
    direct: Callable[[Item], list[Message]] | None = None
    """The prompt of the style ``zero-shot``, without a request to reason; known for the shared prompts."""
    shots: "Shots | None" = None
    """What the style ``few-shot`` shows before the question; None where the benchmark has no rows to take it from."""
    reads: Callable[[Item], Callable[[Item, str], "Verdict"] | None] | None = None
    """Which rule of rarl_eval.answers ``verify`` reads an item's answers as, where it is a rule of the task's own: they
    are then read twice (answers/lenient.py)."""
    judged: bool = False
    """Answers are free text: ``verify`` gives ``unjudged``, and a judge model decides (``--judge``)."""
    score: Callable[[Item, str], Mapping[str, float | None]] | None = None
    """The benchmark's own scores of an answer, where they are more than right or wrong. One named ``score:NAME`` stands
    in the report as the benchmark's own; ``score:checker:NAME`` is 1 or 0 by a checker, ``published`` the usual."""
    runs_code: bool = False
    """Judging runs code that the model wrote, in the sandbox; the tier stands in the run's manifest."""
    packages: tuple[str, ...] = ("numpy",)
    """Packages, by their import's name, that programs may use where they are installed."""
    checkers: Mapping[str, Callable[[Item, str], "Verdict"]] = field(default_factory=dict)
    """Other rules than ``verify`` that an answer may be judged by, by name (``--checker``)."""
    checker: str | None = None
    """The one of these that ``verify`` is; None: the benchmark's published rule."""
    answers: Literal["text", "programs"] = "text"
    """``programs``: each answer is run, and the value it comes to is judged (sandbox/thought.py)."""
    rows: Callable[[Row], list[Row]] | None = None
    """Split a stored row that holds several questions (a passage with its questions) into one row each."""
    generate: Callable[[], Iterable[Row]] | None = None
    """Make the rows instead of reading them; the same every time."""
    sampling: Mapping[str, float | int] = field(default_factory=dict)
    """``temperature`` and ``max_tokens`` that the benchmark is asked with where the user names none."""
    compares: bool = False
    """An answer is how likely the model finds each of the item's texts (``Item.meta[CONTINUATIONS]``), as JSON."""
    window: Callable[[str], "Task"] | None = None
    """Return the task of a part of its items, by what stands behind the ``@`` of its name: a release, a span of dates.
    Raises BadInput for what is neither."""


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Token counts of one trace, and who counted them; a count nobody made is None."""

    prompt: int | None = None
    reasoning: int | None = None
    answer: int | None = None
    completion: int | None = None
    """Everything generated: reasoning and answer."""
    counted_by: str | None = None
    """``server``, ``recorded``, or the tokenizer's name."""


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What a model wrote for one item, once."""

    key: str
    task: str
    item_id: str
    model: str
    sample: int = 0
    """Which of the samples for this item, from 0."""
    step: int | None = None
    """The update of a training that it was sampled for; None outside of trainings."""
    group: str | None = None
    """Samples of one prompt in one step share a group: the rewards in it are held against each other."""
    text: str = ""
    """Everything the model wrote, reasoning markers included."""
    reasoning: str | None = None
    """Marked reasoning, kept and never graded; None where none is marked."""
    answer: str = ""
    """What is graded: the text after the reasoning; "" if the reply was cut inside it. Behind a block of code that the
    prompt had begun, it begins with that."""
    tokens: Tokens = Tokens()
    stop: Stop | None = None
    """``end``, ``length`` (cut off), ``error`` (the call failed); None where a recorded output does not say."""
    seed: int | None = None
    seconds: float | None = None
    error: str | None = None
    """Why the call failed, when stop is ``error``."""
    meta: dict[str, Any] = {}
    """Fields of an imported record that are worth keeping, e.g. its original score."""


CONTINUATIONS = "continuations"
"""Field of ``Item.meta``: pairs of a context and a text that may follow it, of an item of a task that ``compares``."""


OPENED = "opened"
"""Field of ``Trace.meta``: the block of code that the prompt had begun, which stands before the text in ``answer``."""


ORDER = "options"
"""Field of ``Trace.meta``: for each option that the model was shown, its place among the item's; absent where they were
shown in the item's own order."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the task's rule says of an answer."""

    status: Status
    extracted: str | None = None
    """The final answer as read, bounded in length; None where there is none."""
    reason: str = ""
    """Why, in a few words a person can check."""
    judge: str | None = None
    """Name of the reward that says so, a judge model's or another harness's score; None where the task's rule does."""

    @property
    def answer(self) -> str | None:
        """What was extracted, in a form in which spelling alone does not differ."""
        return None if self.extracted is None else " ".join(self.extracted.casefold().split())

    @property
    def correct(self) -> bool | None:
        """True, False, or None where nothing could judge the answer or no judge has read it."""
        return None if self.status in {"unparsable_gold", "unjudged", "cannot_judge"} else self.status == "correct"


class Reward(msgspec.Struct, frozen=True, kw_only=True):
    """What a reward signal says of a trace (the survey's taxonomy: judge x grain x meaning)."""

    name: str
    judge: Judge
    grain: Grain = "outcome"
    meaning: Meaning = "accuracy"
    score: float | None = None
    """None where the signal failed or abstained."""
    steps: tuple[float, ...] | None = None
    """One score per step, for process rewards."""

    @property
    def outcome(self) -> float | None:
        """The score, or the worst step's where there are scores of steps alone."""
        return self.score if self.score is not None or not self.steps else min(self.steps)


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that an item occurs in a document of a corpus, as a detector gives it."""

    key: str
    task: str
    part: Part = "question"
    level: Level
    """``exact``: the same words. ``near``: edited. ``sibling``: the same givens, and another question asked of them.
    ``variant``: the same text with other numbers. Neither is a copy. ``partial``: a long piece. ``paraphrase``: a
    candidate, never flagged until confirmed."""
    score: float
    """How much of the item stands in the document, 0 to 1."""
    offset: int | None = None
    """Where in the document's text the match begins, in characters."""
    excerpt: str = ""
    """The document's text around the match; the scan bounds its length."""


Detector = Callable[[Mapping[tuple[str, str], Item]], Callable[[str], Iterable[Overlap]]]
"""Makes, of the items by (task, key), what tells which of them occur in a document's text; each thread has its own."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a run."""

    trace: Trace
    verdict: Verdict | None
    """None where the call failed: there is no answer to judge."""
    second: Verdict | None = None
    """What a second, lenient reading of the answer says (answers/lenient.py); it never decides. None where the task
    has a rule of its own, or the run is older than the second reading."""
    rewards: tuple[Reward, ...] = ()


class Unread(msgspec.Struct, frozen=True):
    """A row of a benchmark that its task's own code could not make an item of."""

    row: int
    """Counted from 1, as messages do."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A task with its rows: what runs, scores and scans work on."""

    task: Task
    items: Sequence[Item]
    origin: str
    """Where the rows were read from: ``hub:path@revision`` or a file."""
    revision: str | None
    """The hub commit that was resolved; None for local files."""
    fingerprint: str
    """Hash of all item keys in order: two loads with one fingerprint asked the same questions."""
    style: dict[str, Any] = field(default_factory=dict)
    """The prompt style, where it is not the task's own: name, version, examples."""
    part: bool = False
    """Whether the user says that the rows are a part of the benchmark, or others than it has (``--partial``)."""
    cut: bool = False
    """Whether only the first items were fetched, as many as were asked for: how many there are is then unknown."""
    unread: tuple[Unread, ...] = ()
    """Rows that are not among the items because the task's code fails on them; none of a shipped benchmark."""
    by_key: Mapping[str, Item] = field(default_factory=dict, compare=False, repr=False)
    """The items by their keys; follows from ``items``, whatever is given."""

    def __post_init__(self) -> None:
        known = getattr(self.items, "by_key", None)  # many items know themselves by key (data/items.py)
        object.__setattr__(self, "by_key", known or {item.key: item for item in self.items})
