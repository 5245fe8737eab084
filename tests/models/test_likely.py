"""Likelihoods of given texts in place of replies: who gives them, in what form, and what stays as it was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.data.lm_eval_opened import CodeEval
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Request, Sampling, Scored, Text
from rarl_eval.models.likely import Likely
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.sandbox import Sandbox, use
from rarl_eval.types import Message

GSM8K = Path(__file__).parents[1] / "tasks" / "fixtures" / "gsm8k.jsonl"


def request(number: int, *continuations: tuple[str, str]) -> Request:
    return Request(task="t", key=str(number), item_id=str(number), sample=0, messages=(Message("user", "q"),),
                   sampling=Sampling(), seed=0, continuations=continuations)  # fmt: skip


class Writer:
    """Says its name, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def describe(self) -> dict[str, Any]:
        return {"adapter": "made", "name": "writer"}

    def close(self) -> None:
        self.asked.clear()

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for one in requests:
            self.asked.append(one)
            yield Completion(request=one, text="written", stop="end")


class Pairs(Writer):
    """Gives the likelihood of a pair, as lm-eval's back-ends do."""

    def likelihoods(self, pairs: list[tuple[str, str]]) -> list[tuple[float, bool]]:
        return [(-float(len(context + text)), text == " b") for context, text in pairs]


class Tokens(Writer):
    """Gives log-probabilities of tokens, as llama.cpp does; none of what is too long."""

    def score(self, texts: Sequence[Text], *, moments: bool = True) -> Iterator[Scored]:
        for one in texts:
            if len(one.text) > 9:
                yield Scored(error="longer than the context")
            else:
                yield Scored(logprobs=(-0.5, -0.25), likeliest=(True, one.text == " b"))


CHOICES = (("q", " a"), ("q", " b"))


def test_a_pair_is_told_by_whoever_tells_pairs() -> None:
    """Each text of a request has its log-probability and whether it is the greedy one; others are written as before."""
    model = Pairs()
    done = list(Likely(model, model, "t").generate([request(0), request(1, *CHOICES), request(2)]))
    texts = {one.request.key: one.text for one in done}
    assert texts == {"0": "written", "1": "[[-3.0,false],[-3.0,true]]", "2": "written"}
    assert [one.key for one in model.asked] == ["0", "2"]


def test_tokens_are_summed() -> None:
    """A text is as likely as its tokens together, and greedy where each of them is; what has no score is a failed call."""
    model = Tokens()
    likely = Likely(model, model, "t")
    told, failed = likely.generate([request(1, *CHOICES), request(2, ("q", " " * 10))])
    assert (told.text, told.stop) == ("[[-0.75,false],[-0.75,true]]", "end")
    assert (failed.stop, failed.error) == ("error", "longer than the context")


def test_who_gives_no_likelihoods_is_refused() -> None:
    """The task, the adapter and those that can are named before anything is asked."""
    with pytest.raises(BadInput, match=r"lm-eval:x compares .* which made does not give; gguf: and lm-eval: do"):
        Likely(Writer(), Writer(), "lm-eval:x")


def test_a_benchmark_is_asked_as_it_says_where_the_user_names_nothing(tmp_path: Path) -> None:
    """Temperature and budget of the benchmark stand in requests and manifest; what the user names wins."""
    task = replace(registry.tasks("gsm8k")[0], sampling={"temperature": 0.0, "max_tokens": 64})
    benchmark = data.load(task, {"gsm8k": str(GSM8K)})
    model = Writer()
    run([benchmark], model, tmp_path / "one", Settings(limit=1))
    run([benchmark], model, tmp_path / "two", Settings(limit=1, sampling=Sampling(max_tokens=9)))
    assert [(r.sampling.temperature, r.sampling.max_tokens) for r in model.asked] == [(0.0, 64), (0.0, 9)]
    told = store.read_manifest(tmp_path / "one")["tasks"]["gsm8k"]
    assert told["sampling"] == {"temperature": 0.0, "max_tokens": 64}


def test_programs_of_another_harness_run_behind_our_walls() -> None:
    """pass@k of programs that pass, fail and leave; while tasks are loaded nothing runs."""
    metric = CodeEval()
    references = ["assert double(3) == 6"]
    programs = [["def double(n): return 2 * n", "def double(n): return n", "import os; os._exit(0)"]]
    assert metric.compute(references=references, predictions=programs, k=[1]) == ({"pass@1": 0.0}, {})
    metric.ready = True
    with Sandbox(jobs=1) as box, use(box):
        told, _ = metric.compute(references=references, predictions=programs, k=[1, 2])
    assert told == {"pass@1": pytest.approx(1 / 3), "pass@2": pytest.approx(2 / 3)}
