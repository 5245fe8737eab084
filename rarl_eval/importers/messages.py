"""Chats as rows: ``messages`` that end in the assistant's turn, or a prompt in messages with the text beside it.

What fine-tuning sets, rejection samplers and many scripts write. ShareGPT's ``conversations`` (``from``, ``value``) are
the same thing. Everything else of a row has the names that generic rows have.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rarl_eval.errors import BadInput
from rarl_eval.importers import chat
from rarl_eval.importers.generic import ID_FIELDS, MODEL_FIELDS, SCORE_FIELDS, TEXT_FIELDS
from rarl_eval.importers.outputs import Output, flat, found, score_of, text_of
from rarl_eval.importers.shipped import Shipped

GOLD_FIELDS = ("gold", "target", "gold_answer", "expected_answer", "ground_truth", "reference_answer", "answer")
_CHATS = ("messages", "conversations", "conversation")


def is_messages(row: Mapping[str, Any]) -> bool:
    """Whether a row is a chat that holds an answer, in itself or beside it."""
    shown = _chat(row)
    return bool(shown) and (shown[-1].role == "assistant" or bool(_beside(row)))


def output(row: Mapping[str, Any]) -> Iterator[Output]:
    """Yield the assistant's last turn, or each of the texts beside a chat that ends with the question."""
    prompt, said = chat.answered(_chat(row))
    texts = _beside(row) if said is None else [said.text]
    if not texts:
        raise BadInput("the chat ends without an answer, and no field holds one")
    name = next((n for n in SCORE_FIELDS if isinstance(row.get(n), bool)), None)
    for text in texts:
        yield Output(
            text=text,
            reasoning=said.reasoning if said else None,
            prompt=prompt,
            item_id=text_of(row.get(found(row, ID_FIELDS) or "")),
            gold=text_of(row.get(found(row, GOLD_FIELDS) or "")),
            model=text_of(row.get(found(row, MODEL_FIELDS) or "")),
            tokens=chat.tokens(row.get("usage")),
            stop=chat.stop(row.get("finish_reason")),
            scores={name: score_of(row[name])} if name and len(texts) == 1 else {},
        )


def _chat(row: Mapping[str, Any]) -> list[chat.Turn]:
    return next((shown for name in _CHATS if (shown := chat.turns(row.get(name)))), [])


def _beside(row: Mapping[str, Any]) -> list[str]:
    return flat(row.get(found(row, TEXT_FIELDS) or ""))


MESSAGES = Shipped(
    name="messages",
    what="file of chats: its rows have no 'messages' that end in an answer or have one beside them",
    recognises=is_messages,
    output=output,
)
