"""What the user asked last in a prompt: a list of messages, the JSON of one, or a text with a chat template's marks."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_USER = re.compile(
    r"<\|im_start\|>user\s*\n|<\|start_header_id\|>user<\|end_header_id\|>|<start_of_turn>user\s*\n|\[INST\]"
    r"|<\|user\|>|<｜User｜>|<\|start\|>user<\|message\|>|(?:^|\n)(?:USER|Human|User): "
)
_ENDS = re.compile(
    r"<\|im_end\|>|<\|eot_id\|>|<end_of_turn>|\[/INST\]|<\|assistant\|>|<｜Assistant｜>|<\|end\|>"
    r"|\n(?:ASSISTANT|Assistant):"
)
_SAYS = ("content", "value", "text")


def last_turn(value: Any) -> str | None:
    """Return the last text of the user; a text without marks as it is; None where there is none."""
    if isinstance(value, str):
        listed = _messages(value)
        return _unmarked(value) if listed is None else last_turn(listed)
    if isinstance(value, Mapping):
        value = value.get("messages") or [value]
    if not isinstance(value, list):
        return None
    if len(value) == 1 and isinstance(value[0], str | list):
        return last_turn(value[0])
    turns = [m for m in value if isinstance(m, Mapping)]
    asked = [m for m in turns if str(m.get("role") or m.get("from") or "user").lower() in {"user", "human"}]
    return _content(asked[-1]) if asked else None


def _content(message: Mapping[str, Any]) -> str | None:
    said = next((message[name] for name in _SAYS if message.get(name)), None)
    if isinstance(said, list):
        parts = [p.get("text") for p in said if isinstance(p, Mapping)]
        said = "\n".join(p for p in parts if isinstance(p, str))
    return said if isinstance(said, str) else None


def _messages(text: str) -> Any:
    """Return the messages that a text spells as JSON; None where it spells none."""
    if not text.lstrip().startswith("[") or '"role"' not in text:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


_MARKS = ("user", "User", "USER", "Human: ", "[INST]")
"""One of these stands in every mark of a user's turn."""


def run_in(text: str) -> tuple[str, str] | None:
    """Split a text whose template lost its special tokens at its last turns: the user's, and what the model said.

    verl and OpenRLHF decode without special tokens, so that bare roles stand on lines of their own. None where a text
    has no such lines.
    """
    for role in ("assistant", "model"):
        begins = text.rfind(f"\n{role}\n")
        opened = max(text.rfind("\nuser\n", 0, max(begins, 0) + 1), 0 if text.startswith("user\n") else -1)
        if 0 <= opened < begins:
            turn = text[opened:begins].lstrip("\n").removeprefix("user\n")
            return turn.strip(), text[begins + len(role) + 2 :]
    return None


def _unmarked(text: str) -> str:
    if not any(mark in text for mark in _MARKS):
        return text
    if text.rstrip().endswith(("\nassistant", "\nmodel")) and (bare := run_in(f"{text.rstrip()}\n")):
        return bare[0]
    opened = [m.end() for m in _USER.finditer(text)]
    if not opened:
        return text
    turn = text[opened[-1] :]
    ends = _ENDS.search(turn)
    return turn[: ends.start()] if ends else turn
