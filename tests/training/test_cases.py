"""Sample dumps of every trainer, where they are at hand: all rows read, the same truth in each layout."""

from pathlib import Path

import pytest

from rarl_eval.training import watch
from rarl_eval.training.store import Store
from rarl_eval.training.taken import take
from rarl_eval.training.truth import truths

WITH_GOLDS = (
    "trl/messages_log_extra", "verl/rollout_data_dir", "verl/v1_rollout_data_dir", "prime-rl", "verifiers/v1",
    "verifiers/v1_release", "verifiers/legacy", "skyrl", "slime", "rllm/train", "rllm/eval", "nemo-gym",
)  # fmt: skip
WITHOUT = ("trl/text", "trl/messages", "trl/before_1_16_chat_as_text", "nemo-rl", "areal")


@pytest.mark.parametrize("name", [*WITH_GOLDS, *WITHOUT])
def test_four_samples_of_two_sums(shared: Path, tmp_path: Path, name: str) -> None:
    """Two groups of two, no row unread, and half of them true where the dump has golds."""
    folder = shared.parent / "cases" / "rollouts" / name
    if not folder.is_dir():
        pytest.skip("the sample dumps are not here")
    settings, store = watch.WatchSettings(truths=truths("math", None)), Store(tmp_path / "w.sqlite", "x")
    take([folder], store, settings, lambda _: None)
    found = watch.watch(store, settings)
    store.close()
    (step,) = found.steps
    assert (step.rollouts, step.groups, found.unread) == (4, 2, 0)
    assert (step.truth.value if step.truth else None) == (0.5 if name in WITH_GOLDS else None)
