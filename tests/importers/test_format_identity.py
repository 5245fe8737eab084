"""Whatever is done to a log of a published layout, none of its rows is joined to an item that it does not ask."""

import random
import re
from pathlib import Path

import pytest
from published import MAKERS, Answered, lines, whole

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.identity.match import match
from rarl_eval.importers.folders import open_logs
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark, Item

PLAIN = [form for form in MAKERS if form != "rewardbench"]
WITHOUT_GOLD = {"openai-batch", "anthropic-batch", "livecodebench", "alpaca-eval", "alpaca-eval-annotations"}
SUMS = [
    ("Ann has {} hens that lay 3 eggs a day each. How many eggs does she get?", 4, "12"),
    ("Bo buys {} pens at 2 dollars each. How many dollars does he pay?", 7, "14"),
    ("A train goes {} km an hour for 3 hours. How far does it go?", 50, "150"),
    ("Cy shares {} nuts among 6 mice. How many nuts does each mouse get?", 24, "4"),
    ("There are {} rows of 9 seats in a hall. How many seats is that?", 11, "99"),
]
CAPITALS = [
    ("Which of these towns is the capital of Peru?", ("Lima", "Cusco", "Quito", "La Paz"), "A"),
    ("Which of these towns is the capital of Kenya?", ("Mombasa", "Nairobi", "Kisumu", "Kampala"), "B"),
    ("Which of these towns is the capital of Chile?", ("Arica", "Valparaiso", "Santiago", "Iquique"), "C"),
    ("Which of these towns is the capital of Ghana?", ("Kumasi", "Tamale", "Tema", "Accra"), "D"),
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


def answered(benchmark: Benchmark) -> list[Answered]:
    """Right answers; each text names the question that it is of."""
    return [Answered(str(n), i.question, i.gold, f"Of {n}: \\boxed{{{i.gold}}}.", True)
            for n, i in enumerate(benchmark.items)]  # fmt: skip


def joined(form: str, folder: Path, made: list[Answered], benchmark: Benchmark) -> list[tuple[str, Item | None]]:
    """Texts, and the items that they are joined to."""
    found = []
    for log in open_logs([MAKERS[form](folder, made)]).logs.values():
        outputs = list(log.outputs)
        matched = match(outputs, benchmark)
        found += [(o.text, d.item if matched.joined(d) else None)
                  for o, d in zip(outputs, matched.decisions, strict=True)]  # fmt: skip
    return found


@pytest.mark.parametrize("form", PLAIN)
def test_rows_in_any_order_with_any_ids_reach_their_items(form: str, sums: Benchmark, tmp_path: Path) -> None:
    """Shuffled, and with every id moved by one, an answer is joined to the item that it was asked."""
    made = answered(sums)
    random.Random(7).shuffle(made)
    shifted = [one._replace(id=str((int(one.id) + 1) % len(made))) for one in made]
    asked = {one.text: one.question for one in made}
    for name, rows in (("shuffled", made), ("shifted", shifted)):
        found = joined(form, tmp_path / name, rows, sums)
        assert {text for text, _ in found} == set(asked)
        assert all(item is not None and item.question == asked[text] for text, item in found)


@pytest.mark.parametrize("form", PLAIN)
def test_two_questions_swapped_are_never_joined_by_their_ids(form: str, sums: Benchmark, tmp_path: Path) -> None:
    """A row with another's question is that question's, or, where it keeps its gold, nobody's."""
    made = answered(sums)
    made[1], made[3] = made[1]._replace(question=made[3].question), made[3]._replace(question=made[1].question)
    for text, item in joined(form, tmp_path, made, sums):
        asked = made[int(text[3])].question
        held = form not in WITHOUT_GOLD and text[3] in "13"
        assert (item.question if item else None) == (None if held else asked)


@pytest.mark.parametrize("form", PLAIN)
@pytest.mark.parametrize("gold", [None, "77"])
def test_another_number_is_another_question(form: str, gold: str | None, sums: Benchmark, tmp_path: Path) -> None:
    """With the item's gold or with its own, such a row is joined to nobody."""
    made = [
        one._replace(question=re.sub(r"\d+", lambda found: str(int(found[0]) + 1), one.question, count=1),
                     gold=gold or one.gold)
        for one in answered(sums)
    ]  # fmt: skip
    assert {item for _, item in joined(form, tmp_path, made, sums)} == {None}


@pytest.mark.parametrize("form", [form for form in PLAIN if form not in WITHOUT_GOLD])
def test_another_gold_contradicts(form: str, sums: Benchmark, tmp_path: Path) -> None:
    """A question alone joins no row whose gold is another; the file is refused."""
    made = [one._replace(gold=str(int(one.gold) + 1)) for one in answered(sums)]
    with pytest.raises(BadInput, match=r"rows contradict .*its gold is"):
        score([MAKERS[form](tmp_path / "log", made)], sums, tmp_path / "run", model="m")


def turned(benchmark: Benchmark, drawn: random.Random) -> tuple[list[Answered], list[bool]]:
    """Questions with their options in another order, answered by the log's own letters; every second is wrong."""
    made, right = [], []
    for n, item in enumerate(benchmark.items):
        options = drawn.sample(item.choices, len(item.choices))
        gold = "ABCD"[options.index(item.choices["ABCD".index(item.gold)])]
        letter = gold if n % 2 else "ABCD"[("ABCD".index(gold) + 1) % 4]
        shown = "\n".join([item.question, *(f"{a}. {b}" for a, b in zip("ABCD", options, strict=True))])
        made.append(Answered(str(n), shown, gold, f"Of {n}: the answer is {letter}.", bool(n % 2)))
        right.append(bool(n % 2))
    return made, right


@pytest.mark.parametrize("form", PLAIN)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_options_in_another_order_are_read_by_the_logs_letters(
    form: str, seed: int, capitals: Benchmark, tmp_path: Path
) -> None:
    """Where the prompt lists them, right answers stay right and wrong ones wrong; never the other way."""
    made, right = turned(capitals, random.Random(seed))
    try:
        score([MAKERS[form](tmp_path / "log", made)], capitals, tmp_path / "run", model="m")
    except BadInput as error:
        pytest.fail(str(error))
    verdicts = {r.trace.text: r.verdict.correct for r in store.read_run(tmp_path / "run").records if r.verdict}
    assert verdicts == dict(zip((one.text for one in made), right, strict=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_helms_mapping_gives_the_letters(seed: int, capitals: Benchmark, tmp_path: Path) -> None:
    """A joint choice's options are those of its output mapping, in the order in which they were shown."""
    drawn, states, right = random.Random(seed), [], []
    for n, item in enumerate(capitals.items):
        options = drawn.sample(item.choices, len(item.choices))
        gold = options.index(item.choices["ABCD".index(item.gold)])
        letter = "ABCD"[gold if n % 2 else (gold + 1) % 4]
        references = [{"output": {"text": c}, "tags": ["correct"] if k == gold else []} for k, c in enumerate(options)]
        states.append({
            "instance": {"input": {"text": item.question}, "references": references, "id": f"id{n}", "split": "test"},
            "train_trial_index": 0, "output_mapping": dict(zip("ABCD", options, strict=True)),
            "request": {"model": "m", "prompt": f"Question: {item.question}\nAnswer:"},
            "result": {"success": True, "completions": [{"text": f" {letter}", "tokens": []}]},
        })  # fmt: skip
        right.append(bool(n % 2))
    log = whole(tmp_path / "scenario_state.json", {"adapter_spec": {"model": "m"}, "request_states": states})
    done = score([log], capitals, tmp_path / "run")
    records = store.read_run(tmp_path / "run").records
    assert [r.verdict.correct for r in records if r.verdict] == right
    assert done.identity.proved == len(states)
