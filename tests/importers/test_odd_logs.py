"""Logs as they are reported to go wrong: options in other spellings, added conditions, filters without a name, nulls."""

import json
from pathlib import Path
from typing import Any

import pytest
from published import lines

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.identity.golds import shown_options
from rarl_eval.runs import store
from rarl_eval.score import ScoredOutputs, score
from rarl_eval.types import Benchmark, Item

TOWNS = [
    ("Which of these towns is the capital of Peru?", ("Lima", "Cusco", "Quito", "La Paz"), "A"),
    ("Which of these towns is the capital of Kenya?", ("Mombasa", "Nairobi", "Kisumu", "Kampala"), "B"),
    ("Which of these towns is the capital of Chile?", ("Arica", "Valparaiso", "Santiago", "Iquique"), "C"),
    ("Which of these towns is the capital of Ghana?", ("Kumasi", "Tamale", "Tema", "Accra"), "D"),
]
SUMS = [(f"A mill grinds {n + 3} sacks an hour. How many sacks does it grind in {n + 2} hours?", (n + 3) * (n + 2))
        for n in range(6)]  # fmt: skip
WHO = ("a miller", "his son", "the ox", "the river", "some wind", "old Tom")


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [
        {"realidx": n, "question": asked, "options": dict(zip("ABCD", options, strict=True)), "answer_idx": gold}
        for n, (asked, options, gold) in enumerate(TOWNS)
    ]
    path = lines(tmp_path_factory.mktemp("towns") / "b.jsonl", rows)
    return data.load(registry.tasks("medqa")[0], {"medqa": str(path)})


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    rows = [{"question": asked, "answer": f"So.\n#### {gold}"} for asked, gold in SUMS]
    path = lines(tmp_path_factory.mktemp("sums") / "b.jsonl", rows)
    return data.load(registry.tasks("gsm8k")[0], {"gsm8k": str(path)})


def scored(rows: list[dict[str, Any]], benchmark: Benchmark, tmp_path: Path) -> tuple[ScoredOutputs, list[bool | None]]:
    done = score([lines(tmp_path / "log.jsonl", rows)], benchmark, tmp_path / "run", model="m")
    return done, [r.verdict.correct for r in store.read_run(tmp_path / "run").records if r.verdict]


MARKS = ["{}. {}", "({}) {}", "{}: {}", "{} - {}", "**{}** {}", "<{}> {}", "**{}.** {}", "[{}] {}", "{}\t{}"]
"""How a prompt may spell an option: its letter, and its text."""


@pytest.mark.parametrize("place", ["behind", "before", "on the line"])
@pytest.mark.parametrize("spelt", MARKS)
def test_options_turned_round_are_read_however_they_are_spelt(
    spelt: str, place: str, towns: Benchmark, tmp_path: Path
) -> None:
    """Every second answer names the right letter of the prompt's own order, wherever the options stand."""
    rows = []
    for n, (asked, options, gold) in enumerate(TOWNS):
        listed = [spelt.format("ABCD"[k], option) for k, option in enumerate(options[::-1])]
        right = 3 - "ABCD".index(gold)
        prompt = {"behind": "\n".join([asked, *listed]), "before": "\n".join([*listed, asked]),
                  "on the line": f"{asked} {'  '.join(listed)}"}[place]  # fmt: skip
        rows.append({"prompt": prompt, "response": f"The answer is {'ABCD'[right if n % 2 else (right + 1) % 4]}."})
    _, right_ones = scored(rows, towns, tmp_path)
    assert right_ones == [False, True, False, True]


@pytest.mark.parametrize("marks", ["1234", "EFGH", "WXYZ"])
def test_turned_options_under_other_marks_contradict(marks: str, towns: Benchmark, tmp_path: Path) -> None:
    """Numbers and later letters do not say which of the item's options is meant: nothing is joined."""
    rows = [
        {"prompt": "\n".join([asked, *(f"{m}. {o}" for m, o in zip(marks, options[::-1], strict=True))]),
         "response": f"The answer is {marks[3 - 'ABCD'.index(gold)]}."}
        for asked, options, gold in TOWNS
    ]  # fmt: skip
    with pytest.raises(BadInput, match=r"4 of 4 rows contradict .*under marks that are no letters"):
        scored(rows, towns, tmp_path)


COLUMNS = [
    ("A", "B", "C", "D"),
    ("opa", "opb", "opc", "opd"),
    ("choice1", "choice2", "choice3", "choice4"),
    ("option_a", "option_b", "option_c", "option_d"),
    ("Option A", "Option B", "Option C", "Option D"),
    ("ending0", "ending1", "ending2", "ending3"),
]


@pytest.mark.parametrize("names", COLUMNS)
def test_options_in_columns_of_their_own_are_the_logs(names: tuple[str, ...], towns: Benchmark, tmp_path: Path) -> None:
    """A column for each option gives the order in which the log's letters are meant."""
    rows = [
        {"question": asked, **dict(zip(names, options[::-1], strict=True)),
         "response": f"The answer is {'DCBA'['ABCD'.index(gold)]}."}
        for asked, options, gold in TOWNS
    ]  # fmt: skip
    _, right = scored(rows, towns, tmp_path)
    assert right == [True] * 4


def test_two_columns_of_letters_are_no_options(towns: Benchmark, tmp_path: Path) -> None:
    """A and B alone are two answers that are compared."""
    rows = [{"question": asked, "A": "x", "B": "y", "response": f"The answer is {gold}."} for asked, _, gold in TOWNS]
    done, right = scored(rows, towns, tmp_path)
    assert (done.identity.contradicted, right) == (0, [True] * 4)


def test_a_prompt_in_another_order_than_the_field_contradicts(towns: Benchmark, tmp_path: Path) -> None:
    """Where field and prompt list the options differently, no letter can be read."""
    rows = [
        {"question": asked, "options": list(options), "response": "The answer is A.",
         "prompt": "\n".join([asked, *(f"{m}. {o}" for m, o in zip("ABCD", options[::-1], strict=True))])}
        for asked, options, _ in TOWNS
    ]  # fmt: skip
    with pytest.raises(BadInput, match=r"4 of 4 rows contradict .*in another order than its field"):
        scored(rows, towns, tmp_path)


NUMBERS = Item(id="n", question="How many?", choices=("2", "12", "2 or 12", "none"), gold="A")


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("\nwhich of 2, 12, 2 or 12, none is it", (None, False)),
        ("\n- 12\n- 2\n- none\n- 2 or 12", (None, False)),
        ("\na. 12\nb. 2 or 12\nc. none\nd. 2", ((1, 2, 3, 0), False)),
        ("\na 12\nb 2 or 12\nc none\nd 2\nanswer:", ((1, 2, 3, 0), False)),
        ("\n1. 2\n2. 12\n3. 2 or 12\n4. none", (None, False)),
        ("\n1. 12\n2. 2\n3. 2 or 12\n4. none", (None, True)),
        ("\na. 5\nb. 6\nc. 7\nd. 8", (None, True)),
        ("\na. 2\nb. 1,2\nc. 2 or 12\nd. none of these", (None, True)),
        ("\nthink step by step.", (None, False)),
    ],
)
def test_lists_of_options_are_found_in_a_prompt(rest: str, found: tuple[Any, bool]) -> None:
    """Order and contradiction, by what stands behind a question; without marks a list says nothing of letters."""
    assert shown_options(rest, NUMBERS) == found


CHANGED = [
    lambda asked, who: {"question": f"{asked} Suppose that {who} stops it for one hour."},
    lambda asked, who: {"question": f"While {who} sleeps by the mill all day long. {asked}"},
    lambda asked, who: {"prompt": f"Question: {asked} But {who} takes away half of all the sacks.\nAnswer:"},
    lambda asked, who: {
        "prompt": f"Solve it.\n\nQuestion: While {who} sleeps by the old mill all day. {asked}\nAnswer:"
    },
]


@pytest.mark.parametrize("change", CHANGED)
def test_a_condition_of_its_own_in_each_row_is_another_question(change: Any, sums: Benchmark, tmp_path: Path) -> None:
    """The item's question word for word, and a sentence more that differs from row to row: refused with examples."""
    rows = [{**change(asked, who), "response": f"It is {gold}."} for (asked, gold), who in zip(SUMS, WHO, strict=True)]
    with pytest.raises(BadInput, match=r"6 of 6 rows contradict .*beyond the item's question it says"):
        scored(rows, sums, tmp_path)


SCAFFOLDS = [
    lambda asked, n: {"question": f"{asked}\nPlease reason step by step, and put your final answer in a box."},
    lambda asked, n: {"question": f"Problem {n}. {asked} Please reason step by step, and box your answer."},
    lambda asked, n: {
        "prompt": f"[{n}] You are a careful solver of word problems. {asked}\nThink before you answer it."
    },
    lambda asked, n: {"prompt": f"Q: What is {n} and {n}?\nA: It is {2 * n}.\n\nQ: {asked}\nA:"},
]


@pytest.mark.parametrize("scaffold", SCAFFOLDS)
def test_a_scaffold_is_the_same_for_all(scaffold: Any, sums: Benchmark, tmp_path: Path) -> None:
    """Instructions that every row repeats, numbered or not, and examples before the question do not matter."""
    rows = [{**scaffold(asked, n), "response": f"It is {gold}."} for n, (asked, gold) in enumerate(SUMS)]
    done, right = scored(rows, sums, tmp_path)
    assert (done.identity.contradicted, right) == (0, [True] * 6)


def sample(n: int, text: str, score: float, **more: Any) -> dict[str, Any]:
    """A row as lm-eval wrote it before rows named their filter."""
    asked, gold = SUMS[n]
    return {"doc_id": n, "doc": {"question": asked, "answer": f"#### {gold}"}, "target": str(gold),
            "arguments": [[f"Q: {asked}\nA:", {"until": ["Q:"]}]], "resps": [[text]], "filtered_resps": [text[-3:]],
            "exact_match": score, **more}  # fmt: skip


def test_a_row_for_each_unnamed_filter_is_one_answer(sums: Benchmark, tmp_path: Path) -> None:
    """Two rows of the same text are one sample with two scores, as lm-eval's issue 1687 has them."""
    first = [sample(n, f"We get {gold}.", 0.0) for n, (_, gold) in enumerate(SUMS)]
    second = [sample(n, f"We get {gold}.", 1.0) for n, (_, gold) in enumerate(SUMS)]
    done, right = scored([*first, *second], sums, tmp_path)
    assert (done.rows, right) == (6, [True] * 6)
    assert [(c.score, c.compared, c.right_theirs) for c in done.comparisons] == [
        ("exact_match,none", 6, 0),
        ("exact_match,none 2", 6, 6),
    ]


def test_rows_of_another_text_are_another_run(sums: Benchmark, tmp_path: Path) -> None:
    """Two runs in one file stay two samples of each item, filters or not."""
    rows = [sample(n, f"We get {gold + run}.", 1.0) for run in (0, 1) for _ in "ab" for n, (_, gold) in enumerate(SUMS)]
    done, right = scored(rows, sums, tmp_path)
    assert (done.rows, sum(map(bool, right))) == (12, 6)


def result(name: str, text: str) -> dict[str, Any]:
    """A line of a batch's results."""
    body = {"model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}
    return {"custom_id": name, "response": {"status_code": 200, "body": body}, "error": None}


def request(name: str, asked: str) -> dict[str, Any]:
    """A line of a batch's requests."""
    return {"custom_id": name, "method": "POST", "body": {"messages": [{"role": "user", "content": asked}]}}


@pytest.mark.parametrize("kind", ["one id for all", "another batch with the same ids"])
def test_an_id_of_two_requests_says_nothing(kind: str, sums: Benchmark, tmp_path: Path) -> None:
    """Where requests of one id ask different things, no result is joined to what the last of them asked."""
    names = ["same" if kind == "one id for all" else f"request-{n}" for n in range(len(SUMS))]
    asked = [request(name, question) for name, (question, _) in zip(names, SUMS, strict=True)]
    lines(tmp_path / "requests.jsonl", asked)
    if kind != "one id for all":
        lines(tmp_path / "turned.jsonl", [request(n, q) for n, (q, _) in zip(names, SUMS[::-1], strict=True)])
    rows = [result(name, f"It is {gold}.") for name, (_, gold) in zip(names, SUMS, strict=True)]
    with pytest.raises(BadInput, match=r"none of the 6 rows|hold no text of their question"):
        scored(rows, sums, tmp_path)


def test_requests_that_are_there_twice_are_one(sums: Benchmark, tmp_path: Path) -> None:
    """A copy of the requests asks the same, and each result finds its item."""
    asked = [request(f"request-{n}", question) for n, (question, _) in enumerate(SUMS)]
    for name in ("requests.jsonl", "copy.jsonl"):
        lines(tmp_path / name, asked)
    _, right = scored([result(f"request-{n}", f"It is {g}.") for n, (_, g) in enumerate(SUMS)], sums, tmp_path)
    assert right == [True] * 6


def test_a_talk_of_several_turns_is_no_sample(sums: Benchmark, tmp_path: Path) -> None:
    """Turns in NeMo-Skills' ``generation`` are told and left out, and are not two answers to one question."""
    rows = [{"problem": asked, "expected_answer": str(gold), "predicted_answer": "7", "generation": ["First.", "So."]}
            for asked, gold in SUMS]  # fmt: skip
    with pytest.raises(BadInput, match="a talk of several turns"):
        scored([*rows], sums, tmp_path)


def test_a_null_among_texts_is_an_empty_text(sums: Benchmark, tmp_path: Path) -> None:
    """It keeps its place, so that what stands beside the texts stays with them."""
    rows = [{"question": asked, "responses": [f"It is {gold}.", None, "It is 0."], "stop_reasons": ["a", "b", "length"]}
            for asked, gold in SUMS]  # fmt: skip
    (tmp_path / "log.jsonl").write_text(json.dumps(rows))
    done, _ = scored(rows, sums, tmp_path)
    records = list(store.read_run(tmp_path / "run").records)
    assert (done.rows, done.empty) == (18, 6)
    assert {(r.trace.sample, r.trace.stop) for r in records if r.trace.sample == 2} == {(2, "length")}
