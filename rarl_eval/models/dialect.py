"""What a chat server will not take, learnt from its refusals, so that the next request is asked without it.

Reasoning models refuse a budget by its old name and a temperature, others the seed or a switch of the template. A
field is left out, renamed or folded only where a refusal names it; what was done is told with each completion and
stands in the run's manifest. Budgets and stop strings are never left out: without them the text would be another.
"""

import re
from http import HTTPStatus
from typing import Any

REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
DROPPED = "not sent"
RENAMED = "sent as max_completion_tokens"

_OPTIONAL = ("temperature", "seed", "chat_template_kwargs", "logprobs", "stream_options")
_REFUSES = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|extra inputs|extra_forbidden|extra fields|not permitted|unexpected|"
    r"unknown|not allowed|only the default|not available|invalid_field",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"system.{0,40}(?:role|message|instruction|prompt)|(?:role|message).{0,40}system", re.IGNORECASE)


class Dialect:
    """The fields that one server refused, and what is done instead; shared by all requests to it."""

    def __init__(self) -> None:
        self.adapted: dict[str, str] = {}

    def spoken(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a request's body as this server takes it."""
        told = {name: value for name, value in body.items() if self.adapted.get(name) != DROPPED}
        if "max_tokens" in self.adapted and "max_tokens" in told:
            told["max_completion_tokens"] = told.pop("max_tokens")
        if "system" in self.adapted:
            told["messages"] = _folded(told["messages"])
        return told

    def learn(self, status: int, words: str, sent: dict[str, Any]) -> bool:
        """Take in a refusal of what was ``sent``; whether a request would now be another, and is worth asking again."""
        if status not in REFUSED or not _REFUSES.search(words):
            return False
        words = _param(words) or words  # a body that is quoted back names every field
        if "max_tokens" in sent and ("max_completion_tokens" in words or words == "max_tokens"):
            self.adapted["max_tokens"] = RENAMED
        elif named := [name for name in _OPTIONAL if name in sent and re.search(rf"\b{name}\b", words)]:
            self.adapted |= dict.fromkeys(named, DROPPED)
        elif _SYSTEM.search(words) and any(message["role"] == "system" for message in sent.get("messages", ())):
            self.adapted["system"] = "put before the first question"
        return self.spoken(sent) != sent


def _param(words: str) -> str | None:
    """Return the field that a refusal in OpenAI's form names as the one that it is about."""
    found = _PARAM.search(words)
    return found[1] if found and found[1] in (*_OPTIONAL, "max_tokens") else None


_PARAM = re.compile(r'"param"\s*:\s*"(\w+)"')


def _folded(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put what the system role says before the first other message."""
    said = [message["content"] for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    if not said or not others:
        return messages
    return [{**others[0], "content": "\n\n".join([*said, others[0]["content"]])}, *others[1:]]
