"""TRL itself trains a tiny random model with the verifier as its reward, and its own dump is watched."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from rarl_eval.training.layouts import FieldNames
from rarl_eval.training.look import look
from rarl_eval.training.trl import reward
from rarl_eval.training.truth import truths
from rarl_eval.training.watch import WatchSettings

pytest.importorskip("trl")
pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]
STEPS, SAMPLES = 3, 4


def tiny() -> tuple[Any, Any]:
    """A Llama of two layers with random weights, and a tokenizer of single characters."""
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    marks = ["<pad>", "<eos>", "<unk>", *"0123456789+=? abcdefghijklmnopqrstuvwxyz."]
    made = Tokenizer(models.WordLevel({mark: n for n, mark in enumerate(marks)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"<eos>|<pad>|<unk>|."), "isolated")
    made.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>", padding_side="left"
    )
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = LlamaConfig(vocab_size=len(marks), pad_token_id=0, eos_token_id=1, bos_token_id=None, **shape)
    return LlamaForCausalLM(config), tokenizer


def test_trl_trains_with_the_verifier_and_its_dump_is_read(tmp_path: Path) -> None:
    """Some steps of GRPO, the reward called in the main thread and in another: the same values, and all rows judged."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    plain, seen = reward("number"), list[tuple[bool, list[float | None]]]()

    async def threaded(prompts: list[str], completions: list[str], **columns: Any) -> list[float | None]:
        columns.pop("log_extra", None)
        columns.pop("log_metric", None)
        found = await asyncio.to_thread(plain, prompts, completions, **columns)
        seen.append((threading.current_thread() is threading.main_thread(), found))
        return found

    rows = [{"prompt": f"{n}+{n}=?", "answer": str(2 * n)} for n in range(1, 9)]
    model, tokenizer = tiny()
    arguments = GRPOConfig(
        output_dir=str(tmp_path / "out"), max_steps=STEPS, per_device_train_batch_size=2 * SAMPLES,
        num_generations=SAMPLES, max_completion_length=6, log_completions=True, logging_steps=1, report_to=[],
        use_cpu=True, save_strategy="no", seed=0,
    )  # fmt: skip
    trainer = GRPOTrainer(
        model=model, reward_funcs=[plain, threaded], args=arguments, train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )  # fmt: skip
    trainer.train()
    assert len(seen) == STEPS
    settings = WatchSettings(truths=truths("number", None), columns=FieldNames())
    found = look([tmp_path / "out" / "completions"], tmp_path / "watched", settings, lambda _: None)
    assert (found.layouts, found.rollouts, found.judged, found.unread) == (["trl"], 24, 24, 0)
    assert [step.step for step in found.steps] == [1, 2, 3]
    for step, (_, values) in zip(found.steps, seen, strict=True):
        assert step.truth is not None
        assert step.truth.value == pytest.approx(sum(value or 0.0 for value in values) / len(values))
        assert step.rewards["rarl_eval_number"] == pytest.approx(step.rewards["threaded"])
