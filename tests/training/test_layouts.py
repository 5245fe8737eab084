"""Each trainer's rows become rollouts with the right step, group, gold, reward and stop."""

from pathlib import Path
from typing import Any

import pytest

from rarl_eval.training.layouts import FieldNames, layout_of
from rarl_eval.training.rollouts import Rollout
from rarl_eval.training.truth import truths

CHAT = "<|im_start|>user\nHow many is 6 times 7?<|im_end|>\n<|im_start|>assistant\n"
BARE = "system\nBe brief.\nuser\nHow many is 6 times 7?\nassistant\n"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How many is 6 times 7?"}]
SAID = {"role": "assistant", "content": "It is 42."}
EPISODE = {
    "task": {"data": {"answer": "42"}, "key": "k"},
    "traces": [
        {
            "id": "t",
            "nodes": [{"message": ASK[1], "sampled": False}, {"message": SAID, "sampled": True}],
            "calls": [{"finish_reason": "length"}],
            "rewards": {"right": {"score": 1.0, "weight": 0.5}, "style": {"score": 1.0, "weight": 0.25}},
        }
    ],
}

ROWS: list[tuple[str, str, dict[str, Any], tuple[Any, ...]]] = [
    ("trl", "c/completions_00003.parquet",
     {"step": 3, "prompt": CHAT, "completion": "It is 42.", "right": 1.0, "shape": None, "advantage": 0.1, "gold": "42"},
     (3, None, "42", 1.0, None, False)),
    ("trl", "c/completions_00003.parquet",
     {"step": 3, "prompt": ASK, "completion": [SAID], "right": 1.0, "shape": 0.5, "advantage": 0.1},
     (3, None, None, 1.5, None, False)),
    ("verl", "d/8.jsonl", {"input": BARE, "output": "It is 42.", "gts": "42", "score": 1.0, "step": 8, "uid": "u-1_0_0"},
     (8, "u-1", "42", 1.0, None, False)),
    ("verl", "validation_data_dir/8.jsonl", {"input": BARE, "output": "It is 42.", "gts": "42", "score": 0, "step": 8},
     (8, None, "42", 0.0, None, True)),
    ("nemo-rl", "exp/train_data_step5.jsonl", {"content": [[CHAT, "It is 42."]], "rewards": [1.0], "idx": 0},
     (5, None, None, 1.0, None, False)),
    ("nemo-rl", "exp/val_data_step5.jsonl", {"content": [[*ASK, SAID]], "rewards": [0.0], "idx": 0},
     (5, None, None, 0.0, None, True)),
    ("traces", "rollouts/step_4/train/all/traces.jsonl",
     {**EPISODE, "group": {"id": "g"}, "run": {"work": {"type": "train", "step": 4}}},
     (4, "g", "42", 0.75, "length", False)),
    ("traces", "rollouts/step_4/eval/all/traces.jsonl", EPISODE, (4, "k", "42", 0.75, "length", True)),
    ("verifiers", "x/results.jsonl",
     {"example_id": 9, "prompt": ASK, "completion": [SAID], "answer": "42", "reward": 1.0, "is_truncated": False},
     (None, "9", "42", 1.0, "end", False)),
    ("openrlhf", "t.table.json", {"global_step": 2, "text": BARE + "It is 42.", "reward": 1.0},
     (2, None, None, 1.0, None, False)),
    ("skyrl", "global_step_6_evals/a.jsonl",
     {"input_prompt": CHAT, "output_response": "It is 42.<|im_end|>", "score": [0.0, 1.0], "stop_reason": "length",
      "env_extras": {"reward_spec": {"ground_truth": "42"}}},
     (6, None, "42", 1.0, "length", True)),
    ("areal", "rollout/7/1.jsonl",
     {"task_id": 1, "sample_idx": 0, "tail_version": 7, "prompt": CHAT, "completion": "It is 42.<|im_end|>", "reward": 1},
     (7, "1", None, 1.0, None, False)),
    ("slime", "rollout_data/3.pt",
     {"rollout_id": 3, "samples": [{"group_index": 5, "index": 1, "prompt": CHAT, "response": "It is 42.", "label": "42",
                                    "reward": {"score": 1.0}, "status": "truncated"}]},
     (3, "5", "42", 1.0, "length", False)),
    ("rllm", "train_step_2_epoch_0/e.json",
     {"training_step": 2, "mode": "train", "task": {"ground_truth": "42"}, "task_hash": "h", "episode_id": "e:0",
      "termination_reason": "env_done", "trajectories": [{"reward": 1.0, "steps": [{"chat_completions": [*ASK, SAID]}]}]},
     (2, "h", "42", 1.0, "end", False)),
    ("nemo-gym", "any.jsonl",
     {"responses_create_params": {"input": ASK}, "reward": 1.0, "expected_answer": "42", "_ng_task_index": 3,
      "response": {"output": [{"type": "message", "status": "incomplete", "content": [{"type": "output_text",
                                                                                       "text": "It is 42."}]}],
                   "incomplete_details": {"reason": "max_output_tokens"}}},
     (None, "3", "42", 1.0, "length", False)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "row", "want"), ROWS, ids=[f"{r[0]}-{n}" for n, r in enumerate(ROWS)])
def test_a_row_is_known_and_read(name: str, path: str, row: dict[str, Any], want: tuple[Any, ...]) -> None:
    """Layout, text, question, step, group, gold, reward, stop, and whether it only evaluates."""
    layout = layout_of(row)
    assert layout is not None
    (one,) = layout.read(row, Path(path))
    assert (layout.name, one.text) == (name, "It is 42.")
    assert (one.step, one.group, one.gold, one.reward, one.stop, one.held_out) == want
    item = truths("number", None).item(Rollout(text="", prompt=one.prompt, gold="42"))
    assert not isinstance(item, str)
    assert item.question.strip() == "How many is 6 times 7?"


def test_rows_of_no_known_trainer_are_read_by_their_columns() -> None:
    """Named columns win, dotted ones too; without a text or a reward a row is none."""
    row = {"q": "2+2?", "says": {"text": "4"}, "pay": "0.5", "at": 11, "truth": "4"}
    layout = FieldNames("q", "says.text", "pay", "at", None, "truth").layout(row)
    assert layout is not None
    (one,) = layout.read(row, Path("x.jsonl"))
    assert (one.text, one.prompt, one.reward, one.step, one.gold) == ("4", "2+2?", 0.5, 11, "4")
    assert FieldNames().layout({"q": "2+2?", "pay": 1.0}) is None
