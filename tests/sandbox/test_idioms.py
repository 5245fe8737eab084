"""Tests as people write them are judged as plain Python judges them, or said to be out of reach; never passed falsely.

``idioms.jsonl``: a program, a test, and what is right: plain Python's verdict, but that a program which spoils what it is
compared with is wrong, and ``cannot_judge`` where the test needs what no wall lets through.
"""

import ast
import json
from pathlib import Path

import pytest

from rarl_eval.sandbox import Limits, Program, Sandbox, needs, probe
from rarl_eval.sandbox.watching import watched

ROWS = [json.loads(line) for line in Path(__file__).with_name("idioms.jsonl").read_text().split("\n") if line]
HANDED = Path(__file__).parents[3] / "shared" / "cases" / "code" / "test_idioms.jsonl"


@pytest.fixture(scope="module", params=["A", "B"])
def box(request):
    if probe(request.param).tier != request.param:
        pytest.skip(f"tier {request.param} does not work here: {probe(request.param).summary}")
    with Sandbox(tier=request.param, jobs=2, limits=Limits(seconds=10)) as sandbox:
        yield sandbox


def judged(box, row):
    outcome = box.run(Program(code=row["program"], tests=row["test"], entry=row["entry_point"]))
    return (outcome.status if outcome.status in {"correct", "cannot_judge"} else "incorrect"), outcome


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_an_idiom_is_judged_as_it_should_be(box, row):
    """Mutation and result, identity, exceptions, prints, classes, iterators: as in one process."""
    status, outcome = judged(box, row)
    assert status == row["right"], outcome


def test_handed_idioms(box):
    """Of the idioms that were handed in at least nine in ten are judged, and none of them wrongly."""
    if not HANDED.is_file():
        pytest.skip("the handed cases are not here")
    rows = [json.loads(line) for line in HANDED.read_text().split("\n") if line]
    statuses = {row["name"]: judged(box, row)[0] for row in rows}
    out_of_reach = [name for name, status in statuses.items() if status == "cannot_judge"]
    assert len(out_of_reach) <= len(rows) / 10, out_of_reach
    assert {row["name"]: row["right"] for row in rows if row["name"] not in out_of_reach} == {
        name: status for name, status in statuses.items() if name not in out_of_reach
    }


@pytest.mark.parametrize(
    ("test", "rewritten"),
    [
        ("assert f([1]) == [1]", "assert f([1]) == [1]"),
        ("x = f(y)", "x = __settled__(__observed__(f, y))"),
        ("a = f(g)\nassert a == sorted(g)", "assert __settled__(a == __observed__(sorted, __before__(g)))"),
        ("a = f(g)\nassert g == [1]", "assert g == [1]"),
        ("a = f(g)\nassert a == 1 and g == [1]", "assert a == 1 and g == [1]"),
        ("a = f(g)\nassert a is g", "assert __is__(a, g)"),
        ("a = f(g)\nassert a is not None", "assert a is not None"),
    ],
)
def test_tests_are_rewritten_where_they_must_be(test, rewritten):
    """Only calls that tests can look behind, and checks of an answer against what it was worked out of."""
    tree = ast.fix_missing_locations(watched(ast.parse(test), {"f"}))
    assert ast.unparse(tree).split("\n")[-1] == rewritten


@pytest.mark.parametrize(
    ("test", "why", "whatever"),
    [
        ("import math\nassert f(1) == math.pi", None, False),
        ("import sys\nsys.stdout = x", None, False),
        ("import os\nos.environ['A'] = 'b'", "change a module", True),
        ("import builtins\nsetattr(builtins, 'input', x)", "change a module", True),
        ("from unittest import mock\nm = mock.Mock()", "which does not reach", True),
        ("def test(monkeypatch): pass", "use monkeypatch", True),
        ("open('x', mode='a')", "make files", False),
        ("open('x')", None, False),
        ("import socket", "use socket", False),
    ],
)
def test_what_tests_need_is_seen_from_their_text(test, why, whatever):
    """It is a property of the item, which no program can bring about."""
    found, always = needs.of_tests(ast.parse(test))
    assert (found is None, always) == (why is None, whatever)
    assert why is None or why in found
