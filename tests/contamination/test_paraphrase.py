"""Paraphrase candidates, what chooses among them and who confirms them."""

import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rarl_eval.contamination.corpus.readers import Block
from rarl_eval.contamination.paraphrase.choose import Paraphrasing
from rarl_eval.contamination.paraphrase.confirm import Judge, open_confirmer
from rarl_eval.contamination.paraphrase.propose import Finder, candidates, index_pairs, numbers_changed
from rarl_eval.contamination.paraphrase.semantic import open_embedder
from rarl_eval.errors import BadInput, NotInstalled
from rarl_eval.evidence.scans import read_scan
from rarl_eval.models import Completion, Request
from rarl_eval.rewards import Reach
from rarl_eval.types import Item
from tests.contamination.made import benchmark, files_of, problems, run, write_jsonl

BAKER = Item(id="baker", question="A baker sells 12 loaves every morning and bakes 30 muffins for the fair.", gold="42")
REWORDED = "Each morning twelve loaves are sold by the baker, who has baked 30 muffins for a fair."
ITEMS = [BAKER, *problems(20)]


class Scripted:
    """A judge that says what it was told to, by a word of the passage."""

    def __init__(self, replies: dict[str, str]) -> None:
        self.replies = replies
        self.asked: list[str] = []

    def describe(self) -> dict[str, Any]:
        return {"adapter": "scripted", "name": "scripted"}

    def close(self) -> None:
        pass

    def generate(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            self.asked.append(request.messages[-1].content)
            reply = next((r for word, r in self.replies.items() if word in self.asked[-1]), None)
            if reply is None:
                yield Completion(request=request, stop="error", error="no such reply")
            else:
                yield Completion(request=request, text=reply, stop="end")


def judged(replies: dict[str, str]) -> tuple[Paraphrasing, Scripted]:
    model = Scripted(replies)
    return Paraphrasing(judge=Judge("scripted:judge", model, Reach())), model


def test_a_reworded_problem_is_proposed_for_its_item() -> None:
    """Other word order, other small words and numbers in words leave the pairs of content words."""
    index = index_pairs([benchmark(ITEMS)], 0.5)
    found = list(candidates(index, [("d", REWORDED), ("e", "A baker rests.")]))
    assert [(c.document, c.item, c.offset) for c in found] == [("d", 0, 5)]
    assert found[0].excerpt == REWORDED[5:-1]


def test_a_place_is_found_however_far_into_a_document_and_however_written() -> None:
    """Place and score are the same alone, deep in a long text, and in a JSON line with escapes, and its line is told."""
    finder = Finder(index_pairs([benchmark(ITEMS)], 0.5))
    alone = finder.text("d", REWORDED)[0]
    filler = "Nothing of note is written upon this line of the long ledger.\n" * 20_000
    (deep,) = finder.text("d", filler + REWORDED)
    assert (deep.score, deep.offset, deep.excerpt) == (alone.score, len(filler) + 5, alone.excerpt)
    rows = [{"text": "nothing"}, {"text": REWORDED.replace(" ", "\n").replace("baker", "b\u0061ker")}]
    data = "".join(json.dumps(r) + "\n" for r in rows).encode()
    (line,) = finder.block(Block(data, json=True, name="c", line=7), 3)
    assert (line.document, line.score, line.order) == ("c:8", alone.score, (3, len(json.dumps(rows[0])) + 1))


def test_numbers_are_compared_in_figures_and_words() -> None:
    """A number spelled out is the same number; one that is missing is counted once."""
    assert numbers_changed(BAKER.question, REWORDED) == 0
    assert numbers_changed(BAKER.question, REWORDED.replace("30", "31")) == 1


def test_candidates_do_not_flag(tmp_path: Path) -> None:
    """A reworded item has the level, stays clean and is counted apart; without the option it is not looked for."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": "x"}, {"text": REWORDED}])
    result = run([benchmark(ITEMS)], [corpus], tmp_path / "out", paraphrasing=Paraphrasing())[0]
    found = result.items["made", BAKER.key]
    assert (found.level, found.status, found.document, found.confirmed) == ("paraphrase", "clean", "c.jsonl:2", None)
    assert (found.numbers_changed, found.part, found.excerpt) == (0, "question", REWORDED[5:-1])
    counts = result.report["counts"]["made"]
    assert (counts["paraphrase"], counts["confirmed"], counts["flagged"]) == (1, 0, 0)
    assert result.report["paraphrases"]["asked"] == 0
    without = run([benchmark(ITEMS)], [corpus], tmp_path / "without")[0]
    assert without.items["made", BAKER.key].level is None
    assert without.report["paraphrases"] is None


def test_a_copy_is_no_candidate(tmp_path: Path) -> None:
    """A document that holds the item itself is evidence of that alone."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": BAKER.question}])
    found = run([benchmark(ITEMS)], [corpus], tmp_path / "out", paraphrasing=Paraphrasing())[0].items["made", BAKER.key]
    assert (found.level, found.others) == ("exact", [])


@pytest.mark.parametrize(
    ("reply", "status", "confirmed", "judge", "counted"),
    [
        ("It tells the same.\nSAME", "flagged", True, "scripted:judge", "confirmed"),
        ("Hm.\n**Verdict: same**\n", "flagged", True, "scripted:judge", "confirmed"),
        ("Other numbers.\nDIFFERENT.", "clean", False, "scripted:judge", "refused"),
        ("They are not the same", "clean", None, None, "no_verdict"),
        ("SAME\nI cannot tell.", "clean", None, None, "no_verdict"),
        ("<think>\nSAME\n", "clean", None, None, "no_verdict"),
        (None, "clean", None, None, "failed"),
    ],
)
def test_only_a_judge_that_says_so_confirms(
    tmp_path: Path, reply: str | None, status: str, confirmed: bool | None, judge: str | None, counted: str
) -> None:
    """SAME on the last line flags the item under the judge's name; anything else leaves it what it was."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": REWORDED}])
    how, model = judged({"baker": reply} if reply else {})
    result, summary, _ = run([benchmark(ITEMS)], [corpus], tmp_path / "out", paraphrasing=how)
    found = result.items["made", BAKER.key]
    assert (found.status, found.level, found.confirmed, found.judge) == (status, "paraphrase", confirmed, judge)
    told = result.report["paraphrases"]
    assert (told["asked"], told[counted], told["judge"]["name"]) == (1, 1, "scripted:judge")
    assert summary.failed_calls == (counted == "failed")
    assert result.report["counts"]["made"]["flagged"] == (status == "flagged")
    assert BAKER.question in model.asked[0]
    assert REWORDED[5:-1] in model.asked[0]


def test_a_flagged_item_costs_no_call(tmp_path: Path) -> None:
    """The judge is asked of what nothing else flags, and of the best places only."""
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": BAKER.question}, *({"text": REWORDED} for _ in range(5))])
    how, model = judged({"baker": "SAME"})
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", paraphrasing=how)
    assert model.asked == []
    reworded = write_jsonl(tmp_path / "r.jsonl", [{"text": f"{REWORDED} {n}."} for n in range(5)])
    run([benchmark(ITEMS)], [reworded], tmp_path / "r", paraphrasing=how)
    assert len(model.asked) == 1  # five equal places are one question
    assert len(read_scan(tmp_path / "r").items["made", BAKER.key].others) == 4


def test_a_person_has_the_last_word(tmp_path: Path) -> None:
    """A candidate judged true is flagged, one judged false is not, whatever the model said."""
    from rarl_eval.contamination.audit import record

    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": REWORDED}])
    how, _ = judged({"baker": "SAME"})
    run([benchmark(ITEMS)], [corpus], tmp_path / "out", paraphrasing=how)
    for judgement, status in (("false", "clean"), ("true", "flagged"), ("passage", "clean")):
        record(tmp_path / "out", "made", BAKER.key, judgement)
        found = read_scan(tmp_path / "out").items["made", BAKER.key]
        assert (found.status, found.confirmed, found.judge) == (status, status == "flagged", "person")


def test_embeddings_choose_among_more_candidates(tmp_path: Path) -> None:
    """With a model more is proposed and only what is close enough stays, with its similarity told."""
    half = "A baker bakes muffins for a fair in the morning; nobody counts them, and the rain goes on all day."
    corpus = write_jsonl(tmp_path / "c.jsonl", [{"text": REWORDED}, {"text": half}])

    def near(texts: Any) -> Any:
        return np.array([[1.0, 0.0] if "12" in t or "twelve" in t else [0.6, 0.8] for t in texts], np.float32)

    def far(texts: Any) -> Any:
        return np.array([[1.0, 0.0] if "every" in t else [0.6, 0.8] for t in texts], np.float32)

    def found(embedder: Any, out: str) -> list[tuple[str | None, float | None]]:
        how = Paraphrasing(embedder=embedder, embedder_name="m")
        item = run([benchmark(ITEMS)], [corpus], tmp_path / out, paraphrasing=how)[0].items["made", BAKER.key]
        return [(item.document, item.similarity)]

    assert found(near, "near") == [("c.jsonl:1", 1.0)]
    assert found(far, "far") == [(None, None)]


def test_jobs_and_resume_change_no_byte_of_candidates(tmp_path: Path) -> None:
    """One thread or three, at once or resumed: the same files."""
    for n in range(6):
        write_jsonl(tmp_path / f"s{n}.jsonl", [{"text": f"{n} {REWORDED}"}, {"text": ITEMS[n + 1].question}])
    for out, jobs, resume in (("one", 1, False), ("two", 3, True)):
        run(
            [benchmark(ITEMS)],
            [f"{tmp_path}/s*.jsonl"],
            tmp_path / out,
            jobs=jobs,
            resume=resume,
            paraphrasing=Paraphrasing(),
        )
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_what_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package its extra is named; a judge without an adapter is shown the form."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(NotInstalled, match=r"pip install 'rarl-eval\[semantic\]'"):
        open_embedder("any")
    with pytest.raises(BadInput, match="--confirm openai:gpt-4o"):
        open_confirmer("gpt-4o", Reach())


def test_rephrased_gsm8k(shared: Path) -> None:
    """At least 0.78 of the 1,319 rephrased questions are proposed for their own item."""
    tests = [
        json.loads(x) for x in gzip.decompress((shared / "math/gsm8k/test.jsonl.gz").read_bytes()).split(b"\n") if x
    ]
    data = gzip.decompress((shared / "math/llm_decontaminator_gsm8k/rephrase_gsm8k.jsonl.gz").read_bytes())
    texts = [json.loads(x)["text"] for x in data.split(b"\n") if x]
    items = [Item(id=str(n), question=r["question"], gold=r["answer"]) for n, r in enumerate(tests)]
    finder = Finder(index_pairs([benchmark(items)], 0.5))
    own = sum(any(p.item == n for p in finder.text(str(n), text)) for n, text in enumerate(texts))
    assert own / len(items) >= 0.78
