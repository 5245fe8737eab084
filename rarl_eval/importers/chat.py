"""Chats and completions as servers return them: turns, choices, usage, finish reasons. Every reader of a log asks here.

A turn is a role and a text; roles and parts have a few spellings (OpenAI, Anthropic, ShareGPT, OpenCompass, MathArena),
which are one thing. The output is what the assistant says last; what it was asked are the turns of all others.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

import msgspec

from rarl_eval.importers.outputs import Output, clean, count, flat, found, mapping, text_of
from rarl_eval.types import Stop, Tokens


class Turn(msgspec.Struct, frozen=True):
    """One message of a chat."""

    role: str
    """``system``, ``user``, ``assistant`` or whatever else the log calls it, in lower case."""
    text: str
    reasoning: str | None = None


_ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant", "ai": "assistant",
          "developer": "system"}  # fmt: skip
_STOPS: dict[str, Stop] = {
    "stop": "end", "end": "end", "eos": "end", "eos_token": "end", "endoftext": "end", "end_turn": "end",
    "stop_sequence": "end", "completed": "end", "length": "length", "max_tokens": "length", "model_length": "length",
    "max_output_tokens": "length", "model_context_window_exceeded": "length", "error": "error",
}  # fmt: skip
_ASKING = ("system", "user")
_THOUGHT = ("thinking", "reasoning", "cot")
_REASONING = ("reasoning_content", "reasoning", "thinking")
_ASSISTANT = re.compile(
    r"<\|im_start\|>assistant\n|<\|start_header_id\|>assistant<\|end_header_id\|>\n*|<start_of_turn>model\n"
    r"|<\|assistant\|>\n?|<｜Assistant｜>|\[/INST\]|(?:^|\n)(?:ASSISTANT|Assistant): "
)
_CLOSING = re.compile(r"<\|im_end\|>|<\|eot_id\|>|<end_of_turn>|<\|end\|>|<｜end▁of▁sentence｜>|</s>|<\|endoftext\|>")
_CLOSED = re.compile(rf"(?:{_CLOSING.pattern})\Z")
_LONGEST_MARK = 24
"""Characters in which a closing mark stands whole; the longest has 19."""
_decode = msgspec.json.Decoder().decode


def turns(value: Any) -> list[Turn]:
    """Return the turns of a list of messages, or of the JSON of one; empty for anything that is no chat."""
    listed = _listed(value)
    if not listed or not all(isinstance(message, Mapping) and _role(message) for message in listed):
        return []
    return [_turn(message) for message in listed]


def asked(chat: Iterable[Turn]) -> str | None:
    """Everything that system and users said, as one text; None where they said nothing."""
    return "\n\n".join(turn.text for turn in chat if turn.text and turn.role in _ASKING) or None


def answered(chat: Sequence[Turn]) -> tuple[str | None, Turn | None]:
    """Return the prompt, and the answer of a chat that ends in one.

    Turns of the assistant with nobody's in between are one answer: its last text, and all its reasoning.
    """
    said = list(takewhile(lambda turn: turn.role == "assistant", reversed(chat)))
    if not said:
        return asked(chat), None
    thoughts = [turn.reasoning for turn in reversed(said) if turn.reasoning]
    return asked(chat[: -len(said)]), Turn("assistant", said[0].text, "\n".join(thoughts) or None)


def unmarked(text: str) -> tuple[str | None, str]:
    """Split a text that a chat template made into prompt and answer, at the assistant's last mark; no mark, no prompt.

    What the template puts behind the answer is taken off.
    """
    found = list(_ASSISTANT.finditer(text))
    if not found:
        return None, clean(text)
    answer = _CLOSING.split(text[found[-1].end() :], maxsplit=1)[0]
    return clean(text[: found[-1].start()]), clean(answer)


def closed(text: str) -> str:
    """Take off what a chat template puts behind an answer, where it stands at the very end."""
    bare = clean(text).rstrip()
    while found := _CLOSED.search(bare, max(0, len(bare) - _LONGEST_MARK)):
        bare = bare[: found.start()].rstrip()
    return bare


def parts(content: Any) -> tuple[str, str | None]:
    """Text and reasoning of a message's content: a string, or a list of parts of which some are reasoning."""
    if isinstance(content, str):
        return clean(content), None
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            texts.append(clean(part))
        elif mapping(part).get("type") in _THOUGHT:
            thoughts += flat(part.get("thinking") or part.get("reasoning") or part.get("text"))
        else:
            texts += flat(mapping(part).get("text"))
    return "\n".join(texts), "\n".join(thoughts) if thoughts else None


def tokens(usage: Any) -> Tokens:
    """Read counts as OpenAI and Anthropic name them; what was generated includes the reasoning."""
    usage = mapping(usage)
    generated = count(usage.get(found(usage, ("completion_tokens", "output_tokens")) or ""))
    if generated is None:
        return Tokens()
    details = mapping(usage.get(found(usage, ("completion_tokens_details", "output_tokens_details")) or ""))
    thought = count(details.get("reasoning_tokens", usage.get("reasoning_tokens")))
    known = thought is not None and thought <= generated
    return Tokens(
        prompt=count(usage.get(found(usage, ("prompt_tokens", "input_tokens")) or "")),
        reasoning=thought if known else None,
        answer=generated - thought if thought is not None and known else None,
        completion=generated,
        counted_by="recorded",
    )


def stop(reason: Any) -> Stop | None:
    """``end``, ``length`` or ``error`` of a finish reason; None for one that says neither."""
    return _STOPS.get(reason.lower()) if isinstance(reason, str) else None


def choices(body: Mapping[str, Any], **known: Any) -> list[Output]:
    """Return the outputs of a completion: its choices with their finish reasons, the usage where there is but one.

    Choices of chats (``message``) and of prompts (``text``) are read, ``finish_reason`` as well as ``stop_reason``.
    """
    listed = body.get("choices")
    made = [_choice(mapping(choice)) for choice in listed] if isinstance(listed, list) else []
    one: dict[str, Any] = {"tokens": tokens(body.get("usage"))} if len(made) == 1 else {}
    return [msgspec.structs.replace(output, **one, **known) for output in made]


def _choice(choice: Mapping[str, Any]) -> Output:
    message = choice.get("message")
    said = _turn(message) if isinstance(message, Mapping) else Turn("assistant", text_of(choice.get("text")) or "")
    reason = stop(choice.get("finish_reason", choice.get("stop_reason")))
    error = "its finish reason is an error" if reason == "error" else None
    return Output(text=said.text, reasoning=said.reasoning, stop=reason, error=error)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = _decode(value)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):  # a prompt that only begins like a list
            return []
    return value if isinstance(value, list) else []


def _role(message: Mapping[str, Any]) -> str | None:
    role = message.get("role", message.get("from"))
    return _ROLES.get(role.lower(), role.lower()) if isinstance(role, str) and role else None


def _turn(message: Mapping[str, Any]) -> Turn:
    text, thought = parts(message.get(found(message, ("content", "value", "prompt")) or ""))
    if message.get("type") in _THOUGHT:
        return Turn(_role(message) or "assistant", "", text)
    apart = text_of(message.get(found(message, _REASONING) or ""))
    return Turn(_role(message) or "assistant", text, thought or apart)
