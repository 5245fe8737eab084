"""Fresh items: new for each seed, right by another computation, with steps that hold and one planted error."""

import importlib.util
import math
import pickle
import random
import re
from fractions import Fraction
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, UnknownName
from rarl_eval.judge import judge
from rarl_eval.tasks import fresh
from rarl_eval.tasks.fresh.make import Family, Redraw, changed, instances, rounded, shown
from rarl_eval.types import Trace

MANY = 400
NAMES = list(fresh.FAMILIES)
JUDGED_AT_ONCE = [name for name in NAMES if name not in fresh.RUN]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fresh_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checks = _module(Path(__file__).with_name("checks.py"))
attacks = _module(Path(__file__).parents[2] / "benchmarks" / "attacks.py")


def rows_of(name: str, seed: int = 7, count: int = MANY) -> list[dict[str, Any]]:
    return [dict(row) for row in fresh.rows((fresh.FAMILIES[name],), seed, count)]


def test_four_families_or_more_in_each_domain() -> None:
    """Each domain has its families, each family two templates or more, and names are told apart."""
    for domain in fresh.DOMAINS:
        assert len([f for f in fresh.FAMILIES.values() if f.domain == domain]) >= 4
    templates = [template.__name__ for family in fresh.FAMILIES.values() for template in family.templates]
    assert len(templates) == len(set(templates)) == 85
    assert min(len(family.templates) for family in fresh.FAMILIES.values()) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_another_computation_agrees_on_every_item(name: str) -> None:
    """Running, simulating, enumerating or another formula gives the gold; no question comes twice."""
    rows = rows_of(name)
    assert [row["id"] for row in rows if not checks.agrees(row)] == []
    assert len({row["question"] for row in rows}) == MANY
    assert len({fresh.item(row).key for row in rows}) == MANY


@pytest.mark.parametrize("name", NAMES)
def test_steps_recompute_to_the_gold(name: str) -> None:
    """Every equation of the worked steps holds, and the last step states the answer."""
    for row in rows_of(name, seed=3, count=300):
        steps, meta = row["meta"]["steps"], row["meta"]
        assert broken(steps) == [], row["question"]
        assert re.search(rf"{re.escape(meta['answer'])}(?: [\w/ ]+)?\.$", steps[-1]), steps[-1]
        assert row["gold"] in {meta["answer"], f"{meta['answer']}%"} or meta["kind"] == "program"


@pytest.mark.parametrize("name", NAMES)
def test_the_planted_error_is_the_first_and_only_one(name: str) -> None:
    """Steps before it are the right ones, it differs, those after it follow from it, and the answer is another."""
    labelled = 0
    for row in rows_of(name, seed=4, count=300):
        right, faulty = row["meta"]["steps"], row["meta"]["faulty"]
        first = faulty["first_error"]
        assert faulty["steps"][:first] == right[:first]
        assert faulty["steps"][first] != right[first]
        assert faulty["answer"] != row["meta"]["answer"]
        found = broken(faulty["steps"])
        assert found in ([], [first])
        labelled += found == [first]
    if fresh.FAMILIES[name].domain != "code" and name not in {"risk_scores", "severity_scores"}:
        assert labelled > 100  # the rest are steps without an equation, e.g. "To two decimals"


def broken(steps: list[str]) -> list[int]:
    """Indices of the steps whose equation, or rounding of the step before, does not hold."""
    return [i for i, step in enumerate(steps) if not holds(step, steps[i - 1] if i else "")]


def holds(step: str, before: str) -> bool:
    if found := re.fullmatch(r"To two decimals: (-?[\d.]+)\.", step):
        previous = re.search(r"(-?[\d.]+(?:e[+-]\d+)?)(?: [A-Za-z][\w/ ]*)?\.$", before)
        assert previous is not None, before
        return abs(float(previous[1]) - float(found[1])) <= 0.005 + 1e-6
    equation = re.search(
        r"((?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|//|[-+*/^()]|\bmod\b|\bln\b|\s)+) = (-?[\d./]+(?:e[+-]?\d+)?)(?: [A-Za-z].*)?\.$",
        step,
    )
    if equation is None:
        return True
    left = re.sub(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", r"F('\g<0>')", equation[1].strip())
    left = left.replace("^", "**").replace("mod", "%").replace("ln", "log")
    worked, told = eval(left, {"F": Fraction, "log": math.log}), Fraction(equation[2])
    exact = "." not in equation[0] and "/ (" not in equation[0]
    return bool(worked == told) if exact else abs(float(worked) - float(told)) <= 1e-6 * (1 + abs(float(told)))


@pytest.mark.parametrize("step", ["2 * 3 = 7.", "a: 7 mod 4 = 2 mm.", "(1 + 0.5) ^ 2 = 2.26.", "1/2 * 1/3 = 1/5."])
def test_a_wrong_equation_is_seen(step: str) -> None:
    """The check of the steps can fail."""
    assert broken([step]) == [0]


@pytest.mark.parametrize("name", JUDGED_AT_ONCE)
def test_the_verifier_passes_the_gold_and_not_the_faulty_answer(name: str) -> None:
    """The gold passes alone, at the end of its steps and in the form asked for; the planted error's answer fails."""
    for row in rows_of(name, count=60):
        item = fresh.item(row)
        faulty = row["meta"]["faulty"]["answer"]
        worked = f"{item.solution}\nThe answer is {item.gold}"
        boxed = f"{item.solution}\n\\boxed{{{item.gold}}}".replace("%", r"\%")
        assert fresh.verify(item, item.gold).status == "correct"
        assert fresh.verify(item, worked).status == "correct"
        assert item.meta["kind"] == "literal" or fresh.verify(item, boxed).status == "correct", boxed
        assert fresh.verify(item, f"The answer is {faulty}").status != "correct"
        for wrong in ("", ":", "Solution", f"The answer is {item.gold} or {faulty}", f"\\boxed{{{item.gold}"):
            assert fresh.verify(item, wrong).status != "correct"


@pytest.mark.parametrize("name", JUDGED_AT_ONCE)
def test_no_attack_passes(name: str) -> None:
    """Nothing that offers two answers, a foreign unit, a key or nothing passes for a generated gold."""
    task = registry.tasks(f"fresh:{name}@11:12")[0]
    tried, passed = attacks.false_passes(task, list(data.load(task).items))
    assert tried >= 20 * 12
    assert passed == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("12.50%", "correct"), ("12.5 %", "correct"), ("12.5", "correct"), ("12.503%", "correct"), ("0.125", "correct"),
        ("1250%", "incorrect"), ("0.125%", "incorrect"), ("1250", "incorrect"), ("12.51%", "incorrect"),
    ],
)  # fmt: skip
def test_a_percentage_may_come_with_its_sign_or_without(answer: str, status: str) -> None:
    """Where a percentage is asked for, 12.5%, 12.5 and the fraction 0.125 say it; nothing a hundred times off does."""
    row = {"id": "1", "question": "What percentage?", "context": "", "gold": "12.50%", "tests": None}
    item = fresh.item({**row, "meta": {"kind": "percent", "steps": []}})
    assert fresh.verify(item, f"The answer is {answer}").status == status


def test_fresh_answers_are_read_twice() -> None:
    """An answer with another number behind it is right by the rule and wrong by the lenient reading."""
    (task,) = registry.tasks("fresh:finance@3")
    item = data.load(task).items[0]
    text = f"The answer is {item.gold}. Not 99."
    record = judge(task, item, Trace(key=item.key, task=task.name, item_id=item.id, model="m", text=text, answer=text))
    assert record.verdict is not None
    assert record.second is not None
    assert (record.verdict.status, record.second.status) == ("correct", "incorrect")


def test_programs_are_judged_by_hidden_tests() -> None:
    """The reference program passes, one that knows only the example fails, and so does nothing."""
    item = fresh.item(rows_of("synthesis", count=1)[0])
    example = item.meta["given"]["example"]
    canned = f"```python\ndef f(xs):\n    return {item.meta['answer']} if xs == {example!r} else None\n```"
    assert fresh.verify(item, f"```python\n{item.gold}```").status == "correct"
    assert fresh.verify(item, canned).status == "incorrect"
    assert fresh.verify(item, "").status == "no_answer"
    assert item.tests is not None
    assert item.tests.count("assert") == 9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**18 - 1))
def test_every_seed_gives_items_that_hold(seed: int) -> None:
    """Whatever the seed, the first items of each family agree with their check and their steps hold."""
    for name in NAMES:
        for row in rows_of(name, seed, 4):
            assert checks.agrees(row)
            assert broken(row["meta"]["steps"]) == []


def test_a_seed_is_its_items() -> None:
    """The same seed gives the same items, a longer set begins with the shorter, and another seed shares almost none."""
    short, long, other = rows_of("algebra", 7, 50), rows_of("algebra", 7, 200), rows_of("algebra", 8, 200)
    assert short == long[:50]
    asked = {row["question"] for row in long}
    assert len(asked & {row["question"] for row in other}) <= 2


@pytest.mark.parametrize("domain", fresh.DOMAINS)
def test_a_domain_takes_its_families_in_turn(domain: str) -> None:
    """`fresh:math` asks of each family as often as of the others, from the first items on."""
    benchmark = data.load(registry.tasks(f"fresh:{domain}@7:100")[0])
    families = [name for name, family in fresh.FAMILIES.items() if family.domain == domain]
    assert [item.id.rsplit("-", 1)[0] for item in benchmark.items[: 2 * len(families)]] == 2 * families
    assert len(benchmark.items) == 100


def test_the_recorded_name_makes_the_items_again() -> None:
    """A seed given beside the name becomes part of it, and that name alone loads the same items."""
    task = registry.tasks("fresh:medicine", seed=7)[0]
    assert task.name == "fresh:medicine@7"
    assert data.load(task).fingerprint == data.load(registry.tasks(task.name)[0]).fingerprint
    assert registry.tasks("fresh:medicine")[0].name == "fresh:medicine@0"
    assert registry.tasks("fresh:medicine@3", seed=7)[0].name == "fresh:medicine@3"
    assert registry.tasks("fresh:algebra@3:1000")[0].name == "fresh:algebra@3"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fresh:algebre", "did you mean algebra"), ("fresh:", "not fresh:NAME"), ("fresh:math@-1", "not fresh:NAME"),
        ("fresh:math@x", "not fresh:NAME"), ("fresh:math:0", "asks for 0 items"), ("fresh:math:999999999", "100000"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_one_sentence(name: str, said: str) -> None:
    """What is wrong with a name is said with what may have been meant."""
    with pytest.raises((BadInput, UnknownName), match=said):
        registry.tasks(name)


def test_a_negative_seed_is_refused() -> None:
    """A seed that no name can hold is said at once, not when the run is read again."""
    with pytest.raises(BadInput, match="seed -1: a seed is a whole number from 0"):
        registry.tasks("fresh:math", seed=-1)


def test_only_programs_need_the_sandbox() -> None:
    """Tasks with programs to run say so; the others need no sandbox."""
    told = {name: registry.tasks(f"fresh:{name}")[0].runs_code for name in ("code", "synthesis", "tracing", "math")}
    assert told == {"code": True, "synthesis": True, "tracing": False, "math": False}


def test_a_family_without_more_questions_says_so() -> None:
    """A family that is used up raises one sentence, not an endless loop."""

    def few(rng: random.Random) -> Any:
        return fresh.math.dice(random.Random(rng.randint(0, 3)))

    with pytest.raises(BadInput, match="has no new question after"):
        list(islice(instances(Family(name="few", domain="math", templates=(few,)), 0), 50))


def test_groups_hold_no_fresh_task() -> None:
    """`all` means published benchmarks."""
    assert not [task.name for task in registry.tasks("all") if task.name.startswith("fresh:")]


def test_a_fresh_task_can_be_sent_to_another_process() -> None:
    """Tasks are pickled where processes are spawned."""
    task = pickle.loads(pickle.dumps(registry.tasks("fresh:math@7")[0]))
    assert data.load(task).fingerprint == data.load(registry.tasks("fresh:math@7")[0]).fingerprint


def test_sources_are_cited() -> None:
    """Each formula of finance and medicine names where it is defined, with a year or an edition."""
    for family in fresh.FAMILIES.values():
        if family.domain in {"finance", "medicine"}:
            for instance in islice(instances(family, 0), len(family.templates)):
                assert re.search(r"\b(19|20)\d\d\b|\bed\.", instance.draft.source), instance.template


def test_prompts_ask_and_never_tell() -> None:
    """The prompt holds question and context; the answer of a computed item is not in what is asked for."""
    for domain in fresh.DOMAINS:
        for item in data.load(registry.tasks(f"fresh:{domain}@5:40")[0]).items:
            asked = fresh.prompt(item)[0].content
            assert item.question in asked
            assert item.context in asked
            assert item.solution is not None
            assert item.solution not in asked


@given(
    value=st.one_of(
        st.booleans(), st.integers(-1000, 1000), st.fractions(), st.text("abc", min_size=1, max_size=5),
        st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3), st.lists(st.integers(0, 9), max_size=6),
        st.dictionaries(st.text("ab", max_size=2), st.integers(), min_size=1),
    ),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_a_changed_value_is_another_of_its_type(value: Any, seed: int) -> None:
    """A planted error is never the right value, and what is computed on from it has the type it needs."""
    other = changed(value, random.Random(seed))
    assert type(other) is type(value)
    assert shown(other) != shown(value)


@pytest.mark.parametrize(("value", "places", "told"), [(1.004, 2, "1.00"), (-2.346, 2, "-2.35"), (16.6, 0, "17")])
def test_rounding_is_half_up_and_never_at_a_tie(value: float, places: int, told: str) -> None:
    """Values are rounded as asked; one at or near a tie is drawn again."""
    assert str(rounded(value, places)) == told
    for tie in (0.125, 2.675, 1e-3 * 5, float("inf"), float("nan")):
        with pytest.raises(Redraw):
            rounded(tie)
