"""Probes against planted truth: doubles that memorised known items, and doubles that memorised none."""

import hashlib
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from rarl_eval import data, registry
from rarl_eval.contamination.probing.findings import ProbePlan
from rarl_eval.contamination.probing.formulas import continuation, halves, min_k, min_k_plus, ngram_accuracy, rouge_l
from rarl_eval.contamination.probing.nulls import chances, rank_test
from rarl_eval.contamination.probing.run import probe
from rarl_eval.errors import BadInput, SchemaMismatch
from rarl_eval.evidence.probes import read_probe
from rarl_eval.evidence.scans import ItemStatus, ScanResult
from rarl_eval.models import Completion, Request, Scored, Text
from rarl_eval.report.build import build_report
from rarl_eval.types import Benchmark, Item


class Double:
    """A model that knows some items by heart; of all others it knows nothing, and its words are noise."""

    def __init__(self, known: Iterable[Item] = (), seed: int = 0) -> None:
        self.known = list(known)
        self.seed = seed

    def describe(self) -> dict[str, Any]:
        return {"adapter": "test", "name": "double"}

    def close(self) -> None:
        pass

    def noise(self, text: str) -> random.Random:
        return random.Random(hashlib.blake2b(f"{self.seed} {text}".encode()).digest())

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            rng = self.noise(request.messages[0].content)
            yield Completion(request=request, text=self.recalled(request) or " ".join(self.words(rng, 30)), stop="end")

    def words(self, rng: random.Random, count: int) -> list[str]:
        return [rng.choice(("the", "of", "a", "is", "and", "how", "many", "to", "in", "so")) for _ in range(count)]

    def recalled(self, request: Request) -> str | None:
        for item in self.known:
            if item.key == request.key:
                given = request.messages[0].content
                whole = (item.solution or "") if "Solution:" in given else item.question
                half = halves(whole)
                return half[1] if half and given.endswith(half[0]) else f"The answer is {item.gold}"
        return None

    def score(self, texts: Sequence[Text], *, moments: bool = True) -> Iterator[Scored]:
        heart = {t for item in self.known for t in (item.question, item.solution, item.gold)}
        for text in texts:
            rng, sure = self.noise(text.text), text.text in heart
            n = max(20, len(text.text.split()))
            logprobs = tuple(-0.01 if sure else -rng.expovariate(0.3) for _ in range(n))
            yield Scored(
                logprobs=logprobs,
                likeliest=tuple(sure or rng.random() < 0.3 for _ in range(n)),
                means=(-1.5,) * n if moments else None,
                deviations=(1.0,) * n if moments else None,
            )


def fresh(seed: int, count: int = 60) -> Benchmark:
    return data.load(registry.tasks(f"fresh:word_problems@{seed}:{count}")[0])


def probed(model: Double, out: Path, *, own: Benchmark | None = None, scorer: bool = True, **plan: Any) -> Any:
    report = probe(
        [own or fresh(0)], model, out, ProbePlan(**plan), nulls=[fresh(1)], scorer=model if scorer else None
    )  # fmt: skip
    return {finding.probe: finding for finding in report.findings}


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    return sum((a > b) + (a == b) / 2 for a in high for b in low) / (len(high) * len(low))


def test_memorised_items_are_told_from_the_others(tmp_path: Path) -> None:
    """Of a model that knows every second item by heart each probe ranks these first, and calls it suspicious."""
    own = fresh(0)
    known = own.items[::2]
    found = probed(Double(known), tmp_path / "p", own=own)
    heart = {item.key for item in known}
    items = read_probe(tmp_path / "p").items
    for name in ("question", "answer", "question-ngrams", "answer-ngrams", "question-mink", "answer-mink", "fresh"):
        scores = [(i.key in heart, i.scores[name]) for i in items if name in i.scores]
        assert len(scores) >= 40, name
        assert auroc([s for k, s in scores if k], [s for k, s in scores if not k]) == 1.0, name
        assert (found[name].suspicious, found[name].null) == (True, "fresh:word_problems@1:60")
    assert (found["question"].n, found["question"].n_null) == (60, 60)
    assert found["answer-mink"].measure == "Min-K%++"
    # Of a known item no fresh one scores as high; 1 / (1 + 60) is the least that 60 can tell.
    assert {i.chances["question-mink"] for i in items if i.key in heart} == {1 / 61}
    assert found["options"].skipped == "no item allows it: too short, or without what it asks about"
    assert found["dates"].skipped == "needs the end of the model's training: --cutoff YYYY-MM-DD"


def test_a_model_that_knows_nothing_is_called_suspicious_no_more_often_than_stated(tmp_path: Path) -> None:
    """Over 100 seeds of a null double, some of its probes are suspicious in at most 5 %, within binomial error."""
    own, null = fresh(0, 24), fresh(1, 24)
    wanted = ("question", "answer-ngrams", "answer-mink", "order")
    alarms = 0
    for seed in range(100):
        model = Double(seed=seed)
        plan = ProbePlan(probes=wanted, seed=seed)
        report = probe([own], model, tmp_path / str(seed), plan, nulls=[null], scorer=model)
        assert all(finding.p_adjusted is not None for finding in report.findings)
        alarms += any(finding.suspicious for finding in report.findings)
    assert alarms <= 10  # of a rate of 5 %, more than 10 in 100 come with a chance of 1.1 %


def test_small_p_values_of_the_rank_test_are_as_rare_as_they_say() -> None:
    """Over 1,000 draws of scores from one distribution, shares below 1, 5 and 10 % are these, within three errors."""
    rng = np.random.default_rng(7)
    p = np.array(
        [rank_test(rng.exponential(size=12).round(1), rng.exponential(size=15).round(1), s) for s in range(1000)]
    )
    for level in (0.01, 0.05, 0.1):
        assert (p <= level).mean() <= level + 3 * (level * (1 - level) / 1000) ** 0.5


def test_the_rank_test_is_the_permutation_distribution() -> None:
    """Three against four items fully apart: 1 of 35 ways has so large a rank sum."""
    p = rank_test([7, 8, 9], [1, 2, 3, 4], 0)
    assert p == pytest.approx(1 / 35, abs=0.006)
    assert rank_test([1, 1, 1], [1, 1, 1], 0) == 1.0
    assert rank_test([1], [1, 2], 0) is None


def test_many_items_take_the_normal_approximation() -> None:
    """Above 2,000 items the same statistic has its normal p, near the permuted one at the border."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.08, 1, 1000), rng.normal(0, 1, 1001)
    exact, normal = rank_test(a[:-2], b[:-1], 0), rank_test(a, b, 0)
    assert exact == pytest.approx(normal, abs=0.02)


def test_chances_count_the_item_itself() -> None:
    """An item above all three fresh ones has 1/4, one at the second highest 3/4, one below all 1."""
    assert chances([9, 2, 0], [1, 2, 3]) == [0.25, 0.75, 1.0]


def test_min_k_formulas_equal_a_direct_computation() -> None:
    """Min-K% and Min-K%++ equal the papers' formulas written out with numpy over whole distributions."""
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 2, (37, 50))
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    tokens = rng.integers(0, 50, 37)
    own = logs[np.arange(37), tokens]
    mu = (np.exp(logs) * logs).sum(axis=1)
    sigma = np.sqrt((np.exp(logs) * np.square(logs)).sum(axis=1) - np.square(mu))
    scored = Scored(logprobs=tuple(own), means=tuple(mu), deviations=tuple(sigma))
    for share, kept in ((0.2, 7), (0.5, 18), (0.001, 1)):
        assert min_k(scored, share) == pytest.approx(np.sort(own)[:kept].mean())
        assert min_k_plus(scored, share) == pytest.approx(np.sort((own - mu) / sigma)[:kept].mean())
    assert min_k_plus(Scored(logprobs=(-1.0,))) is None
    assert min_k(Scored()) is None
    # A distribution of one token has no deviation: nothing there is surprising.
    assert min_k_plus(Scored(logprobs=(0.0,), means=(0.0,), deviations=(0.0,))) == 0.0


def test_ngram_accuracy_counts_whole_grams_from_evenly_spread_places() -> None:
    """Of 13 tokens, 5-grams start at 0, 2, 4, 6 and 8; one wrong token at 6 spoils the three that hold it."""
    likeliest = [True] * 13
    assert ngram_accuracy(Scored(likeliest=tuple(likeliest))) == 1.0
    likeliest[6] = False
    assert ngram_accuracy(Scored(likeliest=tuple(likeliest))) == pytest.approx(2 / 5)
    assert ngram_accuracy(Scored(likeliest=(True,) * 8)) is None


@pytest.mark.parametrize(
    ("candidate", "reference", "value"),
    [
        ("the cat sat", "the cat sat", 1.0),
        ("The CAT sat on it", "the cat lay on it", 0.8),
        ("police killed the gunman", "police kill the gunman", 0.75),
        ("x y z", "a b c", 0.0),
        ("", "a", 0.0),
    ],
)
def test_rouge_l_is_the_longest_common_subsequence(candidate: str, reference: str, value: float) -> None:
    """F1 of the longest common subsequence of words, case aside."""
    assert rouge_l(candidate, reference) == pytest.approx(value)


def test_a_repeated_beginning_is_no_continuation() -> None:
    """A chat model often repeats what it was given; only what follows counts, and no more words than are held back."""
    given = "one two three four five six"
    assert continuation("seven eight nine ten", given, 3) == "seven eight nine"
    assert continuation("Sure! One two three four five six seven eight nine ten", given, 3) == "seven eight nine"


def test_the_published_order_is_recognised(tmp_path: Path) -> None:
    """A model that finds neighbours in the benchmark's order likelier is suspicious by the order test alone."""
    own = fresh(0)
    after = {a.question: b.question for a, b in itertools.pairwise(own.items)}

    class Ordered(Double):
        def score(self, texts: Sequence[Text], *, moments: bool = True) -> Iterator[Scored]:
            for text in texts:
                asked = [part.split("\n")[0] for part in text.text.split("\n\n")]
                known = sum(after.get(a) == b for a, b in itertools.pairwise(asked))
                yield Scored(logprobs=(-100.0 + known + self.noise(text.text).gauss(0, 0.5),), likeliest=(False,))

    found = probed(Ordered(), tmp_path / "a", own=own, probes=("order",))["order"]
    assert (found.n, found.suspicious) == (15, True)
    assert found.value == pytest.approx(3 - 3 / 4, abs=0.4)  # a shuffle of four keeps 3/4 of a neighbour on average


def test_items_from_after_the_cutoff_are_their_own_null(tmp_path: Path) -> None:
    """A model that knows all items released before its cutoff, and none after, is better on the old ones."""
    own = fresh(0)
    dated = [
        msgspec.structs.replace(item, released=f"202{4 + n % 2}-03-01") for n, item in enumerate(own.items)
    ]  # fmt: skip
    benchmark = replace(own, items=tuple(dated), by_key={})
    model = Double(item for item in dated if item.released == "2024-03-01")
    plan = ProbePlan(cutoff="2024-12-31", probes=("dates", "question"))
    found = {f.probe: f for f in probe([benchmark], model, tmp_path / "p", plan, nulls=[None], scorer=None).findings}
    assert (found["dates"].n, found["dates"].n_null, found["dates"].value, found["dates"].value_null) == (30, 30, 1, 0)
    assert found["dates"].suspicious
    assert (found["question"].n, found["question"].n_null, found["question"].suspicious) == (30, 30, True)


def test_without_probabilities_or_a_null_it_is_said(tmp_path: Path) -> None:
    """Probes that the adapter does not allow are named as skipped; without fresh items there is no test."""
    model = Double()
    report = probe(
        [fresh(0)],
        model,
        tmp_path / "p",
        ProbePlan(probes=("question", "order", "answer-mink")),
        nulls=[None],
        scorer=None,
    )
    question, mink, order = report.findings
    assert (question.n, question.p, question.suspicious) == (60, None, None)
    assert "name some with --null" in (question.skipped or "")
    for finding in (mink, order):
        assert (finding.n, "gives no probabilities of given texts" in (finding.skipped or "")) == (0, True)


def test_probes_stand_in_the_report_beside_the_scan(tmp_path: Path) -> None:
    """The report has each finding, and how the item scores rank what the scan flags above what it finds clean."""
    own = fresh(0)
    known = own.items[:20]
    probed(Double(known), tmp_path / "p", own=own, probes=("question", "order"))
    name = own.task.name
    statuses = {
        (name, item.key): ItemStatus(
            key=item.key, id=item.id, task=name, status="flagged" if item in known else "clean"
        )
        for item in own.items
    }  # fmt: skip
    scan = ScanResult(path=Path("s"), report={"corpora": [], "counts": {name: {"n": 60}}}, items=statuses)
    report = build_report([], [scan], probes=[read_probe(tmp_path / "p")])
    (entry,) = report["probes"]
    question, order = entry["findings"]
    assert (entry["model"], question["suspicious"], order["against_scan"]) == ("double", True, None)
    assert question["against_scan"] == {
        "flagged": 20,
        "clean": 40,
        "auroc": {"value": 1.0, "low": pytest.approx(0.92156, abs=1e-5), "high": 1.0},
    }
    assert build_report([], [scan])["probes"] == []


def test_the_command_probes_a_real_model(cli: Callable[..., Any], tmp_path: Path) -> None:
    """rarl-eval probe writes a directory that report joins; a model of random weights is not suspicious."""
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed: pip install 'rarl-eval[local]'")
    pytest.importorskip("gguf", reason="gguf is not installed: pip install 'rarl-eval[dev]'")
    from tiny_gguf import random_model

    model = random_model(tmp_path / "noise.gguf")
    options = ("--limit", "8", "--max-tokens", "20", "--concurrency", "2", "--model-arg", "context=2000", "--seed", "0")
    wanted = "question,answer,answer-ngrams,answer-mink"
    asked = ("-t", "fresh:word_problems@0:20", "-m", f"gguf:{model}", "--probes", wanted, *options)
    done = cli("probe", *asked, "-o", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    result = read_probe(tmp_path / "p")
    assert [f.probe for f in result.report.findings] == wanted.split(",")
    assert [(f.n, f.n_null, f.suspicious) for f in result.report.findings] == [(8, 8, False)] * 4
    assert cli("probe", *asked, "-o", tmp_path / "p").returncode == 2
    again = cli("probe", *asked, "-o", tmp_path / "q", "--json")
    # What other slots compute at the same time moves the last bits of a probability.
    for one, other in zip(json.loads(again.stdout)["findings"], result.report.findings, strict=True):
        assert one["value"] == pytest.approx(other.value, abs=1e-4)
        assert one["p"] == pytest.approx(other.p, abs=0.02)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--probes", "telepathy"), "no probe is called 'telepathy'; there are question"),
        (("--cutoff", "last year"), "is no date of the form YYYY-MM-DD"),
        (("--null", "math"), "name one"),
        (("--null-source", "x.jsonl"), "--null-source needs --null"),
    ],
)
def test_what_cannot_be_probed_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, options: Any, said: str
) -> None:
    """Unknown probes, dates that are none and impossible nulls are refused, and nothing is written."""
    done = cli("probe", "-t", "demo_math", "-m", "echo:", "-o", tmp_path / "p", *options)
    assert (done.returncode, said in done.stderr, (tmp_path / "p").exists()) == (2, True, False), done.stderr


def test_a_directory_that_is_no_probe_is_one_sentence(tmp_path: Path) -> None:
    """Missing, foreign and damaged probe directories are told apart."""
    with pytest.raises(BadInput, match="is no probe directory"):
        read_probe(tmp_path)
    (tmp_path / "items.jsonl").write_text("")
    (tmp_path / "probe.json").write_text('{"schema": 9}')
    with pytest.raises(SchemaMismatch, match="probe schema 9"):
        read_probe(tmp_path)
    (tmp_path / "probe.json").write_text('{"schema": 1}')
    with pytest.raises(BadInput, match="damaged probe directory"):
        read_probe(tmp_path)
