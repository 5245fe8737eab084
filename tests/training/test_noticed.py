"""Rows that are not the training's own are noticed, counted, and in no figure."""

import pytest

from rarl_eval.training.noticed import Noticed, Rewards, evaluated, scale, sifted, training
from rarl_eval.training.seen import Seen


def seen(step: int, prompt: int, text: int, **other: object) -> Seen:
    """A rollout of which only what matters here is said."""
    plain = Seen(
        path="f", step=step, group=prompt, sample=None, held_out=0, reward=1.0, parts="{}", truth=1, status="correct",
        answer=1, text=text, prompt=prompt, gold=1, extras=None, length=1, reasoning=None, stop=None, loop=0, place="",
        shown=None, asked=None,
    )  # fmt: skip
    return plain._replace(**other)  # type: ignore[arg-type]


def kept(rows: list[Seen], noticed: Noticed, held: frozenset[int] = frozenset()) -> list[tuple[int | None, int]]:
    """How many rows of each step are its own."""
    before: list[Seen] = []
    found = []
    for step in sorted({row.step for row in rows if row.step is not None}):
        some = [row for row in rows if row.step == step]
        own, left, counts = sifted(some, before, evaluation=step in held, held_out_too=False)
        noticed.add(step, left)
        before = training(some, held_out_too=False) if counts else before
        found += [(step, len(own))] if own else []
    return found


def test_rows_of_two_updates_count_once() -> None:
    """The same prompts and texts in the next step are the same samples; other texts are not."""
    noticed = Noticed()
    assert kept([seen(1, 1, 5), seen(2, 1, 5), seen(3, 1, 6)], noticed) == [(1, 1), (3, 1)]
    assert noticed.told() == ["steps 2: the rows of the step before, written again; left out"]


def test_evaluations_and_second_copies_are_left_out() -> None:
    """Held-out rows, rows of one name and text, and steps that an evaluation overwrote."""
    rows = [
        seen(1, 1, 5, sample="a"),
        seen(1, 1, 5, sample="a"),
        seen(1, 1, 5, sample="b"),
        seen(1, 1, 5, sample="a", held_out=1),
        seen(2, 9, 9),
    ]
    noticed = Noticed()
    assert kept(rows, noticed, frozenset({2})) == [(1, 2)]
    assert (noticed.held_out, noticed.twice, noticed.overwritten) == (1, 1, [2])


def test_columns_left_over_from_the_step_before_give_no_gold() -> None:
    """Equal logged columns beside other prompts: the step's truth is not known."""
    noticed = Noticed()
    rows = [seen(1, 1, 5, extras=7), seen(2, 2, 6, extras=7), seen(3, 3, 6, extras=8)]
    assert kept(rows, noticed) == [(1, 1), (2, 1), (3, 1)]
    assert noticed.stale == [2]


@pytest.mark.parametrize(
    ("prompts", "want"),
    [
        ({1: 1, 2: 9, 3: 2, 4: 9, 5: 3, 6: 9}, {2, 4, 6}),  # every second step evaluates
        ({1: 1, 2: 9, 3: 2, 4: 9, 5: 9}, {2, 4}),  # and the training meets its prompt once, too
        ({1: 1, 2: 2, 3: 1, 4: 2, 5: 1, 6: 2}, set()),  # two batches in turn
        ({1: 1, 2: 2, 3: 3, 4: 1, 5: 2, 6: 3}, set()),  # three
        ({1: 1, 2: 1, 3: 1, 4: 1}, set()),  # one batch for ever
        ({}, set()),
    ],
)
def test_a_step_evaluates_where_prompts_return_at_one_rhythm_alone(prompts: dict[int, int], want: set[int]) -> None:
    """A training in a fixed order returns at every rhythm, an evaluation at its own."""
    assert evaluated((step, frozenset({prompt})) for step, prompt in prompts.items()) == want


@pytest.mark.parametrize(
    ("rewards", "want"),
    [([], (0, 1)), ([0.2, 1], (0, 1)), ([-1, 1], (-1, 1)), ([0, 3], (0, 3)), ([2, 2], (0, 2)), ([-5, -2], (-5, -2))],
)
def test_a_rewards_scale_is_the_usual_one_or_what_was_seen(rewards: list[float], want: tuple[int, int]) -> None:
    """0 to 1, -1 to 1, or from the least (0 at most) to the most; what lies outside is cut."""
    found = scale(rewards)
    assert found == Rewards(*want)
    assert (found.share(-99), found.share(99)) == (0, 1)
