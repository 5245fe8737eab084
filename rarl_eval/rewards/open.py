"""``--reward`` texts to sources: ``[NAME=]SOURCE[:ARGUMENT]`` or ``[NAME=]./file.py:function``."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rarl_eval import registry
from rarl_eval.errors import BadInput, Fault, attempt
from rarl_eval.rewards import Reach, RewardSource

_NAMED = re.compile(r"([\w.@+-]{1,80})=(.+)", re.DOTALL)
_FUNCTION = re.compile(r"(.+\.py):(\w+)")


def open_source(text: str, reach: Reach) -> RewardSource:
    """Open one reward; raises UnknownName, BadInput or NotInstalled."""
    named = _NAMED.fullmatch(text)
    if named is not None:
        text, reach = named[2], replace(reach, name=named[1])
    if _FUNCTION.fullmatch(text):
        from rarl_eval.rewards.function import open_function

        return open_function(text, reach)
    registered, _, argument = text.partition(":")
    owner = registry.owner("rewards", registered)
    opener = owner.resolve("reward")
    if owner.distribution is None:
        opened: RewardSource = opener(argument, reach, registered)
        return opened
    source = attempt(str(owner), opener, argument, reach, registered)
    if isinstance(source, Fault):
        raise BadInput(f"the reward {registered!r} did not open: {source.reason}")
    if not isinstance(source, RewardSource):
        raise BadInput(f"the reward {registered!r} opened as no rewards.RewardSource but as {type(source).__name__}")
    return replace(source, foreign=True)


def open_sources(texts: Sequence[str], reach: Reach) -> list[RewardSource]:
    """Open several rewards, closing those already open if one cannot be; names must differ."""
    opened: list[RewardSource] = []
    try:
        for text in texts:
            source = open_source(text, reach)
            opened.append(source)
            _distinct(opened, text)
    except BaseException:
        for source in opened:
            source.close()
        raise
    return opened


def _distinct(opened: Sequence[RewardSource], text: str) -> None:
    name = opened[-1].kind.name
    if any(name == source.kind.name for source in opened[:-1]):
        raise BadInput(f"two rewards are called {name!r}; name one with --reward NAME={text}")
