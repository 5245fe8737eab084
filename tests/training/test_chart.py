"""The chart in a terminal: three lines of one width, the alarm below its step."""

from pathlib import Path

import dumped

from rarl_eval.training.chart import BLOCKS, chart
from rarl_eval.training.look import look
from rarl_eval.training.truth import truths
from rarl_eval.training.watch import WatchSettings

SETTINGS = WatchSettings(truths=truths("number", None))


def test_reward_rises_and_truth_does_not(tmp_path: Path) -> None:
    """One column a step, the highest block where the reward is highest, and the alarm's step marked."""
    found = look([dumped.write_training(tmp_path / "d", 44, hole_from=25)], tmp_path / "o", SETTINGS, lambda _: None)
    reward, truth, alarm = chart(found)
    assert (reward[:8], truth[:8]) == ("reward  ", "truth   ")
    marks = reward[8:52], truth[8:52]
    assert set("".join(marks)) <= set(BLOCKS)
    assert (BLOCKS[-1] in marks[0][24:], BLOCKS[-1] in marks[1][24:]) == (True, False)
    assert alarm.index("^") == 8 + (found.alarms[0].alarm or 0) - 1
    assert alarm.endswith(f"step {found.alarms[0].alarm}")
    assert [line.index("  ", 8) for line in chart(found, 11)[:2]] == [19, 19]


def test_over_nothing_there_is_no_chart(tmp_path: Path) -> None:
    """Rollouts without golds give no line."""
    (tmp_path / "a.jsonl").write_text('{"prompt": "1+1?", "completion": "2", "reward": 1, "step": 1}\n')
    assert chart(look([tmp_path / "a.jsonl"], tmp_path / "o", SETTINGS, lambda _: None)) == []
