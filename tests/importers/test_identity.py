"""Whose answer is a row? Whatever is done to a log, no row is joined to another item than its own.

Each writer of tests/written.py writes the same six answers in the layout of its program; then rows are shuffled, ids
shifted, questions swapped, numbers changed, golds changed, options turned.
"""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from published import lines
from written import WRITERS, Said, Writer, inspect, plain

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.identity.match import Matched, match
from rarl_eval.importers import Fields, read_log
from rarl_eval.report.build import build_report
from rarl_eval.report.tables import captions
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark
from rarl_eval.verify import verify_run

SUMS = [
    ("Ann has {} hens that lay 3 eggs a day each. How many eggs does she get?", 4, "12"),
    ("Bo buys {} pens at 2 dollars each. How many dollars does he pay?", 7, "14"),
    ("A train goes {} km an hour for 3 hours. How far does it go?", 50, "150"),
    ("Cy shares {} nuts among 6 mice. How many nuts does each mouse get?", 24, "4"),
    ("There are {} rows of 9 seats in a hall. How many seats is that?", 11, "99"),
    ("Di reads {} pages a day for a week. How many pages has she read?", 20, "140"),
]
CAPITALS = [
    ("Which of these is the capital of Peru?", ("Lima", "Cusco", "Quito", "La Paz"), "A"),
    ("Which of these is the capital of Kenya?", ("Mombasa", "Nairobi", "Kisumu", "Kampala"), "B"),
    ("Which of these is the capital of Chile?", ("Arica", "Valparaiso", "Santiago", "Iquique"), "C"),
    ("Which of these is the capital of Ghana?", ("Kumasi", "Tamale", "Tema", "Accra"), "D"),
    ("Which of these is the capital of Nepal?", ("Kathmandu", "Pokhara", "Patan", "Thimphu"), "A"),
]


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [{"question": asked.format(n), "answer": f"So.\n#### {gold}"} for asked, n, gold in SUMS]
    path = lines(tmp_path_factory.mktemp("sums") / "b.jsonl", rows)
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)})


@pytest.fixture(scope="module")
def capitals(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [
        {"realidx": n, "question": asked, "options": dict(zip("ABCD", options, strict=True)), "answer_idx": gold}
        for n, (asked, options, gold) in enumerate(CAPITALS)
    ]
    path = lines(tmp_path_factory.mktemp("capitals") / "b.jsonl", rows)
    return data.load(registry.tasks("medqa")[0], {"medqa": str(path)})


def of(benchmark: Benchmark) -> list[Said]:
    """Right answers to all items, in order."""
    return [
        Said(number=n, question=i.question, gold=i.gold, text=f"The answer is {i.gold}.", choices=i.choices)
        for n, i in enumerate(benchmark.items)
    ]


def matched(writer: Writer, folder: Path, said: list[Said], benchmark: Benchmark) -> Matched:
    return match(read_log(writer(folder, said), fields=Fields()).outputs, benchmark)


def joined(found: Matched) -> list[str]:
    """Questions of the items that rows are joined to, "" where one is left out."""
    return [d.item.question if d.item is not None and found.joined(d) else "" for d in found.decisions]


readers = pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.__name__)


@readers
def test_rows_prove_their_items_in_any_order(writer: Writer, sums: Benchmark, tmp_path: Path) -> None:
    """A log as its program writes it is proved throughout, shuffled too, whatever its ids say."""
    said = of(sums)
    random.Random(3).shuffle(said)
    shifted = [replace(s, number=(s.number + 1) % len(said)) for s in said]
    for rows in (said, shifted):
        found = matched(writer, tmp_path, rows, sums)
        by_question = {s.question for s in rows}
        assert {d.state for d in found.decisions} == {"proved"}
        assert set(joined(found)) == by_question
    if writer is not inspect:  # its archive is read in the order of its ids
        assert joined(found) == [s.question for s in shifted]


@readers
def test_swapped_questions_are_joined_to_nobody(writer: Writer, sums: Benchmark, tmp_path: Path) -> None:
    """Where two rows have each other's question and keep their gold, both contradict; the others stand."""
    said = of(sums)
    said[1], said[3] = replace(said[1], question=said[3].question), replace(said[3], question=said[1].question)
    found = matched(writer, tmp_path, said, sums)
    assert [d.state == "contradicted" for d in found.decisions] == [n in {1, 3} for n in range(6)]
    assert [bool(q) for q in joined(found)] == [n not in {1, 3} for n in range(6)]


@readers
def test_a_number_changed_in_the_question_is_another_question(writer: Writer, sums: Benchmark, tmp_path: Path) -> None:
    """With its own gold or with the item's: such a row is joined to nobody."""
    for gold in ("77", None):
        said = [
            replace(s, question=asked.format(n + 1), gold=gold or s.gold)
            for s, (asked, n, _) in zip(of(sums), SUMS, strict=True)
        ]
        found = matched(writer, tmp_path, said, sums)
        assert joined(found) == [""] * 6
        with pytest.raises(BadInput, match=r"contradict|matches an item"):
            score([writer(tmp_path, said)], sums, tmp_path / "run")


@readers
def test_a_changed_gold_contradicts(writer: Writer, sums: Benchmark, tmp_path: Path) -> None:
    """The question alone does not join a row whose gold is another; the file is refused with examples."""
    said = [replace(s, gold=str(int(s.gold) + 1)) for s in of(sums)]
    found = matched(writer, tmp_path, said, sums)
    assert [d.state for d in found.decisions] == ["contradicted"] * 6
    with pytest.raises(BadInput, match=r"6 of 6 rows contradict .*its gold is '13', the item's '12'.*--trust-ids"):
        score([writer(tmp_path, said)], sums, tmp_path / "run")


@readers
@pytest.mark.parametrize("seed", [1, 2])
def test_options_in_another_order_are_followed(writer: Writer, seed: int, capitals: Benchmark, tmp_path: Path) -> None:
    """A letter means the option that the log shows by it: right answers stay right, wrong ones wrong."""
    drawn = random.Random(seed)
    said, right = [], []
    for n, s in enumerate(of(capitals)):
        turned = drawn.sample(s.choices, len(s.choices))
        gold = "ABCD"[turned.index(s.choices["ABCD".index(s.gold)])]
        letter = gold if n % 2 else "ABCD"[("ABCD".index(gold) + 1) % 4]
        said.append(replace(s, choices=tuple(turned), gold=gold, text=f"The answer is {letter}."))
        right.append(bool(n % 2))
    done = score([writer(tmp_path, said)], capitals, tmp_path / "run")
    assert done.identity.proved == len(said)
    records = store.read_run(tmp_path / "run").records
    assert [r.verdict.status == "correct" for r in records if r.verdict] == right
    keys = capitals.by_key
    assert {c.outcome for c in verify_run(tmp_path / "run")} == {"ok"}
    chosen = [(keys[r.trace.key], r.verdict.extracted) for r in records if r.verdict]
    assert [item.gold == letter for item, letter in chosen] == right


@readers
def test_other_options_contradict(writer: Writer, capitals: Benchmark, tmp_path: Path) -> None:
    """One option more, or another one in the place of one: no letter of the log can be read by the item's."""
    said = of(capitals)
    said[0] = replace(said[0], choices=(*said[0].choices, "Bogota"))
    said[1] = replace(said[1], choices=("Nakuru", *said[1].choices[1:]))
    found = matched(writer, tmp_path, said, capitals)
    assert [d.state for d in found.decisions][2:] == ["proved"] * 3
    assert {d.state for d in found.decisions[:2]} == {"contradicted"}


def test_another_versions_fields_are_no_evidence(sums: Benchmark, tmp_path: Path) -> None:
    """A row that holds the benchmark's question as ``original_question`` asks what it asks."""
    rows = [
        {"question": s.question.replace("How", "Or how"), field: s.question, "gold": s.gold, "output": s.text}
        for s, field in zip(of(sums), ("original_question", "source_problem", "seed_question", "orig", "base_q",
                                       "question_original"), strict=True)
    ]  # fmt: skip
    found = match(read_log(lines(tmp_path / "o.jsonl", rows)).outputs, sums)
    assert joined(found) == [""] * 6
    alone = [{"original_question": s.question, "output": s.text} for s in of(sums)]
    assert joined(match(read_log(lines(tmp_path / "a.jsonl", alone)).outputs, sums)) == [""] * 6


@pytest.mark.parametrize(
    ("prompt", "item"),
    [
        ("{0}\n\n{1}", 1),
        ("Question: {0}\nAnswer: 12\n\nQuestion: {1}\nAnswer:", 1),
        ("Question: {0}\nAnswer: 12\n\nQuestion: How many moons has Mars in all?\nAnswer:", None),
        ("Aufgabe: {0}\nLösung: 12\n\nAufgabe: Wie viele Monde hat der Mars?\nLösung:", None),
        ("USER: {0}\nASSISTANT: 12\nUSER: {1}\nASSISTANT:", 1),
        ("[INST] {0} [/INST] 12 [INST] {1} [/INST]", 1),
        ("<|start_header_id|>user<|end_header_id|>\n\n{1}<|eot_id|><|start_header_id|>assistant<|end_header_id|>", 1),
        ("Solve this and put the last number into \\boxed{{}}: {1} Think step by step.", 1),
        (json.dumps([{"role": r, "content": t} for r, t in zip("uau", ("<0>", "12", "<1>"), strict=True)])
         .replace('"u"', '"user"').replace('"a"', '"assistant"').replace("{", "{{").replace("}", "}}")
         .replace("<", "{").replace(">", "}"), 1),
    ],
)  # fmt: skip
def test_the_last_question_of_a_prompt_is_the_one(
    prompt: str, item: int | None, sums: Benchmark, tmp_path: Path
) -> None:
    """Examples before it are none, and an example before a question that nobody asks is none either."""
    shown = prompt.format(*(i.question for i in sums.items))
    (found,) = match(
        read_log(lines(tmp_path / "o.jsonl", [{"prompt": shown, "response": "1"}])).outputs, sums
    ).decisions
    assert (found.item.id if found.item else None) == (None if item is None else str(item))


def test_a_prompt_that_every_row_repeats_is_a_template(sums: Benchmark, tmp_path: Path) -> None:
    """It says nothing of a row, and does not contradict its question."""
    told = "You are a careful person who solves each problem step by step and says the number in the end."
    rows = [{"prompt": told, "question": s.question, "gold": s.gold, "output": s.text} for s in of(sums)]
    found = match(read_log(lines(tmp_path / "o.jsonl", rows)).outputs, sums)
    assert [d.state for d in found.decisions] == ["proved"] * 6


def test_the_prompt_counts_beside_the_question(sums: Benchmark, tmp_path: Path) -> None:
    """A row whose question is the item's and whose prompt asks another thing is contradicted."""
    rows = [
        {"prompt": f"Q: {s.question.replace('How', 'Or how')}\nA:", "question": s.question, "output": s.text}
        for s in of(sums)
    ]
    found = match(read_log(lines(tmp_path / "o.jsonl", rows)).outputs, sums)
    assert [d.state for d in found.decisions] == ["contradicted"] * 6


@pytest.mark.parametrize(("golds", "states"), [(True, "consistent"), (False, None)])
def test_golds_bear_ids_out(golds: bool, states: str | None, sums: Benchmark, tmp_path: Path) -> None:
    """Ids without any text are joined where all golds agree, which chance would hardly bring about, and else not."""
    rows = [{"id": s.number, "output": s.text} | ({"gold": s.gold} if golds else {}) for s in of(sums)]
    path = lines(tmp_path / "o.jsonl", rows)
    if states:
        assert score([path], sums, tmp_path / "run").identity.consistent == 6
        return
    with pytest.raises(BadInput, match="6 of 6 rows hold no text of their question"):
        score([path], sums, tmp_path / "run")
    done = score([path], sums, tmp_path / "run", trust_ids=True)
    assert (done.matched, done.identity.on_trust) == (6, 6)
    report = build_report([store.read_run(tmp_path / "run")])
    (row,) = report["rows"]
    assert (row["origin"]["on_trust"], row["origin"]["marked"]) == (6, True)
    assert "6 of 6 rows are joined on trust (--trust-ids)" in captions(report)[0]
    told = {c.check: c.detail for c in verify_run(tmp_path / "run")}
    assert told["identity"].startswith("0 proved, 6 consistent, 0 contradicted, 0 unmatched; 6 joined on trust")


def test_few_contradictions_are_left_out_and_counted(sums: Benchmark, tmp_path: Path) -> None:
    """Up to 2 % of the rows may contradict: they are joined to nobody, and shown."""
    said = [s for s in of(sums) for _ in range(10)]
    said[7] = replace(said[7], gold="13")
    done = score([plain(tmp_path, said)], sums, tmp_path / "run")
    assert (done.matched, done.identity.proved, done.identity.contradicted, done.identity.on_trust) == (59, 59, 1, 0)
    (shown,) = done.identity.examples["contradicted"]
    assert shown.why == "its gold is '13', the item's '12'"


def test_an_answer_that_repeats_the_question_is_none(sums: Benchmark, tmp_path: Path) -> None:
    """Of a list of turns the user's is no answer."""
    rows = [{"content": [s.question, s.text], "idx": 5 - s.number} for s in of(sums)]
    log = read_log(lines(tmp_path / "o.jsonl", rows), fields=Fields(text="content"))
    found = match(log.outputs, sums)
    assert joined(found) == [q for s in of(sums) for q in ("", s.question)]


def test_a_context_tells_items_that_ask_the_same_apart(tmp_path: Path) -> None:
    """Where many items ask the same, a row is the item's whose context it holds, and nobody's with another context."""
    told = [f"The {kind} was sold for {n} dollars in the year 19{n}0 and was never seen again." for n, kind in enumerate(
        ("house", "horse", "boat", "barn", "cart", "cow", "mill", "field", "bell", "clock"), start=1)]  # fmt: skip
    rows = [{"id": str(n), "q": "What is it?", "c": c, "g": str(n)} for n, c in enumerate(told, start=1)]
    (tmp_path / "mine.py").write_text(
        "from rarl_eval import prompts\nfrom rarl_eval.answers import verify_number\n"
        "from rarl_eval.types import Item, Source, Task\n\n\n"
        "def item(row):\n    return Item(id=row['id'], question=row['q'], context=row['c'], gold=row['g'])\n\n\n"
        "TASK = Task(name='mine', domain='finance', item=item, verify=verify_number, prompt=prompts.worked, paper='https://x.org',\n"
        "            source=Source(path='you/mine', split='test', licence='CC0-1.0', released=None))\n"
    )
    task = registry.tasks(str(tmp_path / "mine.py"))[0]
    benchmark = data.load(task, {"mine": str(lines(tmp_path / "b.jsonl", rows))})
    other = "A very different passage about the weather in spring, with nothing on things that anybody bought or sold."
    said = [
        *({"question": "What is it?", "context": c, "output": "1"} for c in told),
        *({"prompt": f"{c}\n\nWhat is it?", "output": "1"} for c in told),
        *({"prompt": f"{c}\n\nName the price.", "output": "1"} for c in told),
        *({"id": str(n), "question": "What is it?", "context": other, "output": "1"} for n in range(1, 11)),
        *({"id": str(n), "context": c.replace("year 19", "year 18"), "question": "What is it?", "output": "1"}
          for n, c in enumerate(told, start=1)),
        {"question": "What is it?", "output": "1"},
    ]  # fmt: skip
    found = match(read_log(lines(tmp_path / "o.jsonl", said)).outputs, benchmark)
    ids = [d.item.id if d.item is not None and found.joined(d) else "" for d in found.decisions]
    assert ids == [str(n) for n in range(1, 11)] * 3 + [""] * 21
