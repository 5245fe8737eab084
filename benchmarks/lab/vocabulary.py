"""The laboratory's tokenizer: byte-level BPE in which every digit is a token of its own."""

from collections.abc import Sequence
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from rarl_eval.tasks.laboratory.corpora import Lesson

END, USER, ASSISTANT = "<|endoftext|>", "<|user|>", "<|assistant|>"
SPECIAL = (END, USER, ASSISTANT)


def trained(texts: Sequence[str], plan: dict[str, Any]) -> Tokenizer:
    """Learn the merges of ``texts``; the splits are those that llama.cpp calls ``starcoder``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=plan["vocabulary"],
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def chat(prompt: str) -> str:
    """Return a prompt as the chat template writes it."""
    return f"{USER}{prompt}{ASSISTANT}"


def encoded(tokenizer: Tokenizer, lesson: Lesson, *, whole: bool = False) -> tuple[list[int], int]:
    """Return the ids of a lesson and the index of the first that is learnt: of the completion, or of the whole row."""
    before = tokenizer.encode(chat(lesson.prompt)).ids
    return before + tokenizer.encode(lesson.completion + END).ids, 1 if whole else len(before)
