"""Resampled weights by distinct value equal those by trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarl_eval.measures import front
from rarl_eval.measures.front import equal_accuracy
from rarl_eval.measures.loops import loops
from rarl_eval.stats import resample, ties

TRACES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1), st.integers(0, 4)), min_size=12, max_size=60)


def columns(traces):
    values, correct, units = (np.array(column) for column in zip(*traces, strict=True))
    return values.astype(float), correct.astype(float), np.unique(units, return_inverse=True)[1]


@given(TRACES)
def test_weights_of_a_value_are_those_of_its_traces(traces):
    """Twelve traces of three values are counted by value, and each value has the weights of its traces."""
    values, correct, units = columns(traces)
    assert ties.tied(values)
    drawn = next(resample.weights(int(units.max()) + 1, 20, 0))
    distinct, (all_of, right) = ties.ranked(values, units, np.ones(values.size), correct)
    assert distinct.tolist() == sorted(set(values.tolist()))
    for k, value in enumerate(distinct):
        here = values == value
        assert all_of(drawn)[:, k].tolist() == drawn[:, units[here]].sum(axis=1).tolist()
        assert right(drawn)[:, k].tolist() == (drawn[:, units[here]] * correct[here]).sum(axis=1).tolist()


def test_few_ties_leave_traces_apart():
    """Where hardly any values are equal each trace stands for itself, in order."""
    values, units = np.array([3.0, 1.0, 2.0, 2.0]), np.array([0, 1, 2, 0])
    ranked, (weight,) = ties.ranked(values, units, np.ones(4))
    assert ranked.tolist() == [1.0, 2.0, 2.0, 3.0]
    assert weight(np.array([[5.0, 7.0, 9.0]])).tolist() == [[7.0, 9.0, 5.0, 5.0]]


@given(TRACES)
def test_equal_accuracy_does_not_depend_on_how_ties_are_counted(traces):
    """The shortest budget for an accuracy has one interval, by value and by trace."""
    values, correct, units = columns(traces)
    target = float(correct.mean())
    found = equal_accuracy(values, correct, units, target, replicates=50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ties, "MANY", 1e9)
        assert front.equal_accuracy(values, correct, units, target, replicates=50) == found


def test_loops_are_found_where_places_are_full():
    """Hashes that share a place are told apart: with one place for all, only true repetitions count."""
    looping, honest = "round and round it goes " * 60, " ".join(f"step {i} adds {i * i}" for i in range(400))
    assert loops([honest, looping, honest]) == [False, True, False]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rarl_eval.measures.loops._PLACE_BITS", 1)
        assert loops([honest, looping, honest]) == [False, True, False]
