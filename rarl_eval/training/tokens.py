"""Dumps of token ids alone: their texts, by the tokenizer of the model that was trained."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.measures.reference import ReferenceTokenizer

IDS = {"prompt_tokens": "prompt", "response_tokens": "response"}
"""Fields of ids (open-instruct, open_instruct/rl_utils.py RolloutRecord, 00feb3a5), and what their texts are called."""


def with_texts(row: Mapping[str, Any], tokenizer: str | None) -> Mapping[str, Any]:
    """Return a row with the texts of its ids beside them; a row of texts as it is. Raises BadInput without a tokenizer.

    The prompt keeps its special tokens, which part its turns; a gold of ids is text, too.
    """
    if not row.keys() >= IDS.keys():
        return row
    if tokenizer is None:
        raise BadInput(
            "it holds token ids alone; name the tokenizer.json of the model that was trained with --tokenizer"
        )
    read = opened(tokenizer)
    texts: dict[str, Any] = {
        name: read.text(row[ids], marks=name == "prompt") for ids, name in IDS.items() if isinstance(row[ids], list)
    }
    gold = row.get("ground_truth")
    if isinstance(gold, list) and gold and all(type(one) is int for one in gold):
        texts["ground_truth"] = read.text(gold, marks=False)
    return {**row, **texts}


@lru_cache(maxsize=1)
def opened(path: str) -> ReferenceTokenizer:
    """Read a tokenizer once; raises BadInput where it is none."""
    return ReferenceTokenizer(Path(path))
