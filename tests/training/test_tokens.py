"""Dumps of token ids alone become texts by a tokenizer, or are unread with the sentence what to name."""

import json
from pathlib import Path

import msgspec
import pytest

from rarl_eval.errors import BadInput
from rarl_eval.training.layouts import FieldNames
from rarl_eval.training.look import look
from rarl_eval.training.tokens import opened
from rarl_eval.training.truth import truths
from rarl_eval.training.watch import WatchSettings

tokenizers = pytest.importorskip("tokenizers")
WORDS = ["<|user|>", "<|assistant|>", "<|end|>", "What", "is", "1", "plus", "?", "It", "2", "3", "."]
ASKED, RIGHT, WRONG = [0, 3, 4, 5, 6, 5, 7, 1], [8, 4, 9, 11, 2], [8, 4, 10, 11, 2]


def written(folder: Path) -> Path:
    """A tokenizer of a dozen words, and a shard and its metadata as open-instruct writes them."""
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="?"))
    made.add_special_tokens(WORDS[:3])
    made.save(str(folder / "tokenizer.json"))
    (folder / "d").mkdir()
    rows = [
        {"step": 4, "sample_idx": n, "prompt_idx": 0, "prompt_tokens": ASKED, "response_tokens": said, "reward": reward,
         "advantage": 0.1, "finish_reason": "stop", "dataset": "sums", "ground_truth": gold}
        for n, (said, reward, gold) in enumerate([(RIGHT, 10.0, [9]), (WRONG, 10.0, "2"), (RIGHT[:2], 0.0, ["2"])])
    ]  # fmt: skip
    lines = [json.dumps(row) for row in [*rows, {**rows[0], "response_tokens": [99]}]]
    (folder / "d" / "run_rollouts_000000.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "d" / "run_metadata.jsonl").write_text(json.dumps({"run_name": "run"}) + "\n")
    return folder / "d"


def watched(folder: Path, out: Path, tokenizer: Path | None) -> tuple[int, int, list[str], float | None]:
    """How many rollouts were read and judged, why others were not, and the truth."""
    columns = FieldNames(tokenizer=None if tokenizer is None else str(tokenizer))
    settings = WatchSettings(truths=truths("number", None), columns=columns)
    found = look([folder], out, settings, lambda _: None)
    truth = found.steps[0].truth if found.steps else None
    return found.rollouts, found.judged, found.unread_first, msgspec.structs.asdict(truth)["value"] if truth else None


def test_ids_are_read_with_the_models_tokenizer(tmp_path: Path) -> None:
    """Prompt, reply and gold of ids; step, group and stop; ids that the tokenizer lacks are unread."""
    folder = written(tmp_path)
    rollouts, judged, unread, truth = watched(folder, tmp_path / "o", tmp_path / "tokenizer.json")
    assert (rollouts, judged, truth) == (3, 3, pytest.approx(1 / 3))
    assert "token ids that" in unread[0]


def test_ids_without_a_tokenizer_are_unread_in_a_sentence(tmp_path: Path) -> None:
    """Nothing is read, and it is said what to name; a file that is no tokenizer is an error before anything is read."""
    folder = written(tmp_path)
    rollouts, _, unread, _ = watched(folder, tmp_path / "o", None)
    assert (rollouts, "with --tokenizer" in unread[0]) == (0, True)
    with pytest.raises(BadInput, match=r"is no tokenizer\.json"):
        watched(folder, tmp_path / "p", folder / "run_metadata.jsonl")
    assert not (tmp_path / "p").exists()
    opened.cache_clear()
