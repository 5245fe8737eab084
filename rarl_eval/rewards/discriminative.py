"""Trained reward models: one score a solution (outcome) or one a step (process), through transformers or vLLM.

``orm:hf:MODEL`` and ``prm:hf:MODEL`` run a sequence or token classifier in process, ``orm:vllm:MODEL`` and
``prm:vllm:MODEL`` vLLM's pooling API (``prm:causal:`` and ``prm:layered:``: stepwise.py). Both read the same places:
the last token of the text, or of each step, which is
followed by the model's own step token where ``--model-arg step_token=TEXT`` names it, else by a newline. A head with
one label gives its raw output; one with more, the probability of the last label, or of ``--model-arg label=NAME``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Model, Request, Sampling
from rarl_eval.models.arguments import files_hash, label
from rarl_eval.models.cache import Cached, default_path
from rarl_eval.rewards import Case, Group, Kind, Reach, RewardSource, cases
from rarl_eval.rewards.judges import response_of, steps_of
from rarl_eval.rewards.judging import AnyVersion
from rarl_eval.rewards.questions import question_text
from rarl_eval.rewards.steps import join_steps
from rarl_eval.runs.added import Entry
from rarl_eval.types import Message, Reward

BATCH = 256
"""Texts handed to a back-end at once."""


class Classifier(Protocol):
    """A loaded reward model."""

    limit: int | None
    """Most tokens of a text; a longer one has no score."""

    def describe(self) -> dict[str, Any]:
        """Return back-end and version."""

    def tokenizer(self) -> Any:
        """Return the model's tokenizer."""

    def labels(self) -> dict[int, str]:
        """Return the head's labels by number."""

    def logits(self, texts: Sequence[Sequence[int]]) -> Iterator[Any]:
        """Yield raw outputs for each text of token ids: (labels,) for outcome models, (tokens, labels) for process."""


def open_outcome(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``orm:hf:MODEL``, ``orm:vllm:MODEL`` or ``orm:server:MODEL``: the score of question and whole response."""
    if argument.startswith("server:"):
        from rarl_eval.rewards.served import open_served

        return open_served(argument.removeprefix("server:"), reach, registered)
    model = _opened(argument, reach, registered, process=False)
    kind = Kind(name=reach.name or f"orm:{model.describe()['name']}", judge="discriminative")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for case, scores in _answers(model, ((c, (response_of(c),)) for c in cases(groups))):
            yield kind.entry(case, scores[-1] if scores else None)

    return RewardSource(kind=kind, score=score, identity={"form": "orm", "model": model.describe()}, close=model.close)


def open_process(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``prm:hf:MODEL`` or ``prm:vllm:MODEL``: a score for each step, joined by ``--aggregate``."""
    model = _opened(argument, reach, registered, process=True)
    kind = Kind(name=reach.name or f"prm:{model.describe()['name']}", judge="discriminative", grain="process")

    def score(groups: Iterable[Group]) -> Iterator[Entry]:
        for case, scores in _answers(model, ((c, steps_of(c, reach.steps)) for c in cases(groups))):
            yield kind.entry(case, join_steps(scores, reach.aggregate), scores or None)

    identity = {"form": "prm", "model": model.describe(), "steps": reach.steps, "aggregate": reach.aggregate}
    return RewardSource(kind=kind, score=score, identity=identity, close=model.close)


class RewardModel:
    """A classifier as a model: what it is asked is a conversation, what it answers is a reward.

    So reward models share the cache of completions, and its claims, with everything else.
    """

    def __init__(self, name: str, classifier: Classifier, arguments: dict[str, str], *, process: bool) -> None:
        self._identity = {
            **classifier.describe(),
            "name": label(name),
            "files": files_hash(name),
            "arguments": arguments,
        }
        self._classifier = classifier
        self._process = process
        self._separator = arguments.get("step_token", "\n")
        self._label = _label(classifier.labels(), arguments.get("label"))

    def describe(self) -> dict[str, Any]:
        """Return back-end, name, arguments, versions and a hash of a local folder's files."""
        return self._identity

    def close(self) -> None:
        """Let the model go."""
        del self._classifier

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Score batch after batch; a text that is longer than the model can read is an error, never cut."""
        for batch in _in_batches(requests):
            fitting, places = [], []
            for request in batch:
                tokens, ends = self._tokens(request.messages)
                limit = self._classifier.limit
                if not tokens or (limit is not None and len(tokens) > limit):
                    error = f"{len(tokens)} tokens do not fit the model's {limit}"
                    yield Completion(request=request, stop="error", error=error)
                else:
                    fitting.append((request, tokens))
                    places.append(ends)
            outputs = self._classifier.logits([tokens for _, tokens in fitting])
            for (request, _), ends, output in zip(fitting, places, outputs, strict=True):
                scores = self._scores(output, ends)
                reward = Reward(name="score", judge="discriminative", steps=scores)
                yield Completion(request=request, stop="end", rewards=(reward,))

    def _tokens(self, messages: Sequence[Message]) -> tuple[list[int], list[int]]:
        """Token ids of a conversation, and where its assistant turns (the steps) end."""
        tokenizer = self._classifier.tokenizer()
        question, *steps = messages
        if self._process or not getattr(tokenizer, "chat_template", None):
            return _stepwise(tokenizer, question.content, [s.content for s in steps], self._separator)
        turns = [{"role": m.role, "content": m.content} for m in messages]
        text = tokenizer.apply_chat_template(turns, tokenize=False)
        tokens = list(tokenizer.encode(text, add_special_tokens=False))
        return tokens, [len(tokens) - 1]

    def _scores(self, output: Any, ends: Sequence[int]) -> tuple[float, ...]:
        if self._process and len(output) != len(ends):  # some pooling models of vLLM give the step tokens alone
            output = output[ends]
        chosen = output if self._process else output[None]
        if chosen.shape[-1] > 1:
            chosen = chosen.float().softmax(dim=-1)
        return tuple(float(v) for v in chosen[:, self._label])


def _opened(argument: str, reach: Reach, registered: str, *, process: bool) -> Model:
    backend, _, name = argument.partition(":")
    known = ("hf", "vllm", "causal", "layered") if process else ("hf", "vllm", "server")
    if backend not in known or not name:
        ways = ", ".join(f"{registered}:{way}:MODEL" for way in known)
        raise BadInput(f"--reward {registered}:{argument} is none of {ways}, e.g. {registered}:hf:./my-reward-model")
    model: Model
    given = reach.options.arguments
    if backend in {"causal", "layered"}:
        from rarl_eval.rewards.stepwise import StepModel

        model = StepModel(name, "causal" if backend == "causal" else "layered", given)
        return Cached(model, default_path(), AnyVersion()) if reach.cached else model
    from rarl_eval.rewards import classifiers

    own = {k: v for k, v in given.items() if k not in {"step_token", "label"}}
    load = classifiers.load_hf if backend == "hf" else classifiers.load_vllm
    model = RewardModel(name, load(name, own, process=process), given, process=process)
    return Cached(model, default_path(), AnyVersion()) if reach.cached else model


def _answers(model: Model, asked: Iterable[tuple[Case, Sequence[str]]]) -> Iterator[tuple[Case, tuple[float, ...]]]:
    """Yield each case with its scores, none where its text does not fit the model; the same text is scored once."""
    cases: dict[Request, list[Case]] = defaultdict(list)
    for case, pieces in asked:
        if pieces:
            cases[_request(case, pieces)].append(case)
        else:
            yield case, ()
    for completion in model.generate(list(cases)):
        steps = completion.rewards[0].steps if completion.rewards else None
        for case in cases[completion.request]:
            # What does not fit the model will not fit it next time: missing, and not asked again.
            yield case, steps or ()


def _request(case: Case, pieces: Sequence[str]) -> Request:
    turns = [Message(role="assistant", content=piece) for piece in pieces]
    return Request(
        task="judge",
        key="",
        item_id="",
        sample=0,
        messages=(Message(role="user", content=question_text(case.shown)), *turns),
        sampling=Sampling(),
        seed=0,
    )


def _stepwise(tokenizer: Any, question: str, steps: Sequence[str], separator: str) -> tuple[list[int], list[int]]:
    """Encode question and steps piece by piece, so that where each step ends is known and not guessed."""
    if getattr(tokenizer, "chat_template", None):
        turns = [{"role": "user", "content": question}]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        tokens = list(tokenizer.encode(text, add_special_tokens=False))
    else:
        tokens = list(tokenizer.encode(f"{question}\n"))
    ends = []
    for step in steps:
        tokens += tokenizer.encode(f"{step}{separator}", add_special_tokens=False)
        ends.append(len(tokens) - 1)
    return tokens, ends


def _label(labels: dict[int, str], wanted: str | None) -> int:
    if wanted is None:
        return max(labels)
    found = [number for number, name in labels.items() if name == wanted]
    if not found:
        raise BadInput(f"the model has no label {wanted!r}; it has {', '.join(labels.values())}")
    return found[0]


def _in_batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    batch: list[Request] = []
    for request in requests:
        batch.append(request)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
