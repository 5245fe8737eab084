"""Whiskers and the Pareto plot, as drawn."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.leaderboards.charts import Frame, Point, _places, front, pareto, scale, whisker
from rarl_eval.stats import Interval

SHARE = st.floats(0, 1)
POINTS = st.lists(
    st.builds(Point, st.text(max_size=30), st.floats(0.5, 1e7), SHARE, st.just(Interval(0.5))), max_size=30
)


@pytest.mark.parametrize(
    ("intervals", "ends"),
    [
        ([Interval(0.9, 0.83, 0.96)], (0.8, 1.0)),
        ([Interval(0.3, 0.3, 0.3)], (0.2, 0.3)),
        ([Interval(0.0, 0.0, 0.0)], (0.0, 0.1)),
        ([Interval(1.0, 1.0, 1.0)], (0.9, 1.0)),
        ([None], (0.0, 1.0)),
    ],
)
def test_axis_holds_all_intervals(intervals, ends):
    """Ends are whole tenths around what is drawn, and never one point."""
    assert scale(intervals) == pytest.approx(ends)


@given(st.lists(SHARE, min_size=1))
def test_axis_is_never_empty_and_stays_inside_0_to_1(values):
    """Whatever the accuracies, the axis has a length and holds them."""
    low, high = scale([Interval(v, v, v) for v in values])
    assert 0 <= low < high <= 1
    assert low <= min(values) + 1e-9
    assert max(values) <= high + 1e-9


def test_whisker_spans_its_interval():
    """On an axis from .8 to 1 an interval from .85 to .95 takes the middle half, its estimate the middle."""
    drawn = str(whisker(Interval(0.9, 0.85, 0.95), (0.8, 1.0)))
    assert re.findall(r'd="([^"]+)"', drawn) == ["M25 5H73M49 1v8"]


def test_unknown_accuracy_draws_nothing():
    """No estimate, no whisker; no interval, a tick alone."""
    assert whisker(None, (0, 1)) == ""
    assert 'd="M49 5H49M49 1v8"' in whisker(Interval(0.5), (0, 1))


@given(POINTS)
def test_front_is_what_nothing_beats(points):
    """A point is on the front just if none is as short and as accurate and better in one, as by brute force."""

    def beaten(p: Point) -> bool:
        return any(
            q.length <= p.length and q.accuracy >= p.accuracy and (q.length, q.accuracy) != (p.length, p.accuracy)
            for q in points
        )

    expected = {(p.length, p.accuracy) for p in points if not beaten(p)}
    found = front(points)
    assert {(p.length, p.accuracy) for p in found} == expected
    assert all(a.length < b.length and a.accuracy < b.accuracy for a, b in itertools.pairwise(found))


@given(POINTS, st.booleans())
def test_plot_is_well_formed_and_inside_its_frame(points, detail):
    """Any points and any names give XML whose dots lie inside the drawing."""
    drawn = pareto(points, unit="tokens", detail=detail)
    if not points:
        assert drawn == ""
        return
    root = ET.fromstring(drawn)
    width, height = map(float, root.get("viewBox").split()[2:])
    dots = "".join(e.get("d") for e in root.iter("path") if "dots" in (e.get("class") or ""))
    for x, y in re.findall(r"M(\d+) (\d+)h0", dots):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height
    if detail:
        assert len(list(root.iter("circle"))) == len(points)


def test_a_label_stands_beside_its_dot():
    """A dot in the midst has five places around it, none over it: left three, right two, each above, level or below."""
    frame = Frame((100.0, 10_000.0), (0.0, 1.0))
    point = Point("m", 1000.0, 0.5, Interval(0.5))
    x, y = frame.x(1000.0), frame.y(0.5)
    left, right = x - 7 - 40, x + 8
    assert _places(frame, point, 40) == [
        (at, top, at + 40, top + 14)
        for at, top in ((left, y - 18), (left, y - 7), (right, y + 4), (right, y - 18), (left, y + 4))
    ]


def test_labels_name_the_front_and_do_not_overlap():
    """Models on the front are named, at different places."""
    points = [Point(f"model-{i}", 100.0 * 2**i, 0.2 * i, Interval(0.2 * i, 0.2 * i, 0.2 * i)) for i in range(1, 5)]
    root = ET.fromstring(pareto(points, unit="tokens", detail=False))
    names = {e.text: (e.get("x"), e.get("y")) for e in root.iter("text") if e.get("class") == "name"}
    assert set(names) == {"model-1", "model-2", "model-3", "model-4"}
    assert len(set(names.values())) == 4
