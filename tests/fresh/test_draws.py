"""What is drawn: parts by seed, nothing degenerate, two wordings, difficulties, and checks that read the text."""

import importlib.util
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.tasks import fresh
from rarl_eval.tasks.fresh.make import OWN_PARTS, instances, of_seed, plain
from rarl_eval.tasks.fresh.math.algebra import terms

NAMES = list(fresh.FAMILIES)


def _checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fresh_checks", Path(__file__).with_name("checks.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checks = _checks()


def rows_of(template: str, count: int = 60, seed: int = 11) -> list[dict[str, Any]]:
    family = next(f for f in fresh.FAMILIES.values() if template in {one.__name__ for one in f.templates})
    alone = replace(family, templates=tuple(one for one in family.templates if one.__name__ == template))
    return [dict(row) for row in fresh.rows((alone,), seed, count)]


def test_each_draw_belongs_to_one_of_seeds_0_to_9_or_to_the_others() -> None:
    """A name is of one seed below ten at most, and then of no other seed; the others share what is left."""
    for number in range(300):
        own = [seed for seed in range(OWN_PARTS) if of_seed(f"draw {number}", seed)]
        others = {of_seed(f"draw {number}", seed) for seed in (10, 17, 10**18 - 1)}
        assert (len(own), others) in [(1, {False}), (0, {True})]


@pytest.mark.parametrize("name", NAMES)
def test_no_numbers_are_drawn_for_two_seeds(name: str) -> None:
    """Seeds 0, 7 and 12 share no question, nor the numbers of one in other words or with other names."""
    seen: set[str] = set()
    for seed in (0, 7, 12):
        drawn = list(islice(instances(fresh.FAMILIES[name], seed), 80))
        names = {f"{one.template} {one.draft.given!r}" for one in drawn}
        assert len(names) == 80
        assert not names & seen
        seen |= names


@pytest.mark.parametrize("name", NAMES)
def test_each_template_has_two_wordings_or_more(name: str) -> None:
    """Both wordings come up, and an item says which it is; the same numbers are asked for in either."""
    for template in fresh.FAMILIES[name].templates:
        rows = rows_of(template.__name__, 20)
        assert {row["meta"]["wording"] for row in rows} == {0, 1}
        openings = {row["meta"]["wording"]: row["question"][:8] for row in rows}
        endings = {row["meta"]["wording"]: row["question"][-90:] for row in rows}
        assert openings[0] != openings[1] or endings[0] != endings[1]


def test_difficulties_are_stated() -> None:
    """Each family states 1 to 5, its items carry it, and each domain has an easy family and one of 4 or 5."""
    for domain in fresh.DOMAINS:
        stated = {f.name: f.difficulty for f in fresh.FAMILIES.values() if f.domain == domain}
        assert set(stated.values()) <= {1, 2, 3, 4, 5}
        assert min(stated.values()) <= 2
        assert max(stated.values()) >= 4
        for item in data.load(registry.tasks(f"fresh:{domain}@5:60")[0]).items:
            assert item.meta["difficulty"] == stated[item.id.rpartition("-")[0]]


def test_versions_tell_the_first_questions_from_these() -> None:
    """The domains' tasks are of version 2; the laboratory's items are those of version 1, without difficulty or wording."""
    assert {registry.tasks(f"fresh:{name}")[0].version for name in (*fresh.DOMAINS, "bonds", "kidney")} == {2}
    lab = registry.tasks("fresh:lab@0:4")[0]
    assert lab.version == 1
    assert not {"difficulty", "wording"} & set(data.load(lab).items[0].meta)


@pytest.mark.parametrize(
    ("template", "never"),
    [
        ("double_ended", r"rotate\(0\)"), ("linear_system", r"\b1[xy]|\b0[xy]|\+ -"), ("root_squares", r"\b1x|\b0x|\+ -|[+-] 0"),
        ("handed_out", r"at most 0"), ("pipeline", r"and (?:add|subtract) 0|add -"), ("long_pipeline", r"\+ -"),
        ("put_call_parity", r"costs 0|costs -"), ("future_value", r"\.0[% ]"), ("dice", r"\b0 or more"),
    ],
)  # fmt: skip
def test_nothing_degenerate_is_asked(template: str, never: str) -> None:
    """No turn by nothing, no coefficient of 1 or 0 written out, no sign after a sign."""
    assert [row["question"] for row in rows_of(template, 150) if re.search(never, row["question"])] == []


def test_every_turn_of_a_deque_moves_something() -> None:
    """No rotation is by a multiple of the length."""
    for row in rows_of("double_ended", 150):
        states = [step.partition(" after ") for step in row["meta"]["steps"]]
        assert all(before not in told for before, _, told in states if "rotate" in told)


def test_a_traced_loop_takes_both_branches() -> None:
    """A condition that always holds, or never, is drawn again."""
    for row in rows_of("accumulate", 100):
        told = " ".join(row["meta"]["steps"])
        assert "is True, so" in told
        assert "is False, so" in told


@pytest.mark.parametrize(
    "template", ["change_over_year", "share_of_sales", "price_change", "abroad", "fridericia", "osmolality"]
)
def test_a_question_whose_answer_may_be_negative_says_what_negative_means(template: str) -> None:
    """Falls have a sign in the gold, both signs come up, and the question says so."""
    rows = rows_of(template, 120)
    signs = {row["gold"].startswith("-") for row in rows}
    assert signs == {True, False}
    assert all("negative" in row["question"] for row in rows)
    assert not any(float(row["gold"].rstrip("%")) == 0 for row in rows)


@pytest.mark.parametrize(
    ("template", "told", "doctored"),
    [
        ("chads_vasc", "without treatment and was never raised", "under treatment for hypertension"),
        ("change_over_year", "Total sales", "Overhead"), ("price_change", "The yield rises", "The yield falls"),
        ("maintenance", "% of", "0% of"), ("put_call_parity", "European call", "European put"),
        ("sofa", "with mechanical ventilation", "without any ventilatory support"), ("double_ended", "d.pop()", "d.popleft()"),
        ("pipeline", "return their sum", "return them in descending order"), ("loan_interest", "interest?", "repayment of the loan?"),
        ("multiples", "not by", "not by 1"), ("calcium_and_opioids", "twice a day", "3 times a day"),
    ],
)  # fmt: skip
def test_a_text_that_contradicts_its_gold_is_found(template: str, told: str, doctored: str) -> None:
    """The other computation reads the text: where one figure of it is changed, golds no longer agree."""
    rows = [row for row in rows_of(template, 200) if told in row["question"]]
    assert rows
    assert all(checks.agrees(row) for row in rows)
    assert not all(agrees({**row, "question": row["question"].replace(told, doctored)}) for row in rows)


def agrees(row: dict[str, Any]) -> bool:
    try:
        return bool(checks.agrees(row))
    except (ValueError, AssertionError, LookupError, StopIteration):
        return False  # the text cannot be what the gold answers


def test_a_treated_hypertension_is_scored_and_nothing_else_looks_like_one() -> None:
    """Treatment of a raised pressure counts a point in each item that names it; a pressure without treatment is normal."""
    for row in rows_of("chads_vasc", 100):
        (step,) = (step for step in row["meta"]["steps"] if step.startswith("Blood pressure"))
        assert step.endswith(f"{int('under treatment' in row['question'])} points.")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (((1, "x"), (1, "y")), "x + y"), (((-1, "x"), (-12, "y")), "-x - 12y"), (((3, "x^2"), (0, "x"), (-1, "")), "3x^2 - 1"),
        (((7, "x"), (1, "")), "7x + 1"),
    ],
)  # fmt: skip
def test_terms_are_written_as_people_do(parts: tuple[tuple[int, str], ...], told: str) -> None:
    """No coefficient of 1, no term of 0, a difference for a negative term."""
    assert terms(*parts) == told


@pytest.mark.parametrize(("value", "told"), [(12.0, "12"), (4.25, "4.25"), (0.1 + 0.2, "0.3"), (300, "300")])
def test_numbers_are_written_plainly(value: float, told: str) -> None:
    """No idle decimal, no trace of binary fractions."""
    assert plain(value) == told
