"""How fast a server may be asked: requests and tokens a minute, and the pauses that it asks for itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from rarl_eval.models import Completion, Request

SECONDS = 60.0

GUESSED_TOKENS = 1000
"""What a reply without a budget is taken to use until it is there; only ``tokens_per_minute`` asks."""


class Pace:
    """Turns spread evenly over time, so that no minute has more than its share.

    What a request will cost in tokens is not known before its reply: ``turn`` takes an estimate and ``settle`` puts it
    right. A pause holds everybody back, since a server that refuses one request refuses the others too.
    """

    def __init__(
        self,
        requests: float | None = None,
        tokens: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._each = SECONDS / requests if requests else 0.0
        self._token = SECONDS / tokens if tokens else 0.0
        self._clock, self._sleep = clock, sleep
        self._next_request = self._next_token = self._paused = 0.0

    async def turn(self, tokens: float) -> None:
        """Wait until a request of about ``tokens`` tokens may be made."""
        now = self._clock()
        at = max(now, self._next_request, self._next_token)
        self._next_request = at + self._each
        self._next_token = at + tokens * self._token
        if at > now:
            await self._sleep(at - now)
        while (left := self._paused - self._clock()) > 0:
            await self._sleep(left)

    def settle(self, estimated: float, used: float) -> None:
        """Put an estimate right once the reply says what was used."""
        self._next_token += (used - estimated) * self._token

    def pause(self, seconds: float) -> None:
        """Let nobody ask for some seconds."""
        self._paused = max(self._paused, self._clock() + seconds)


def estimated(request: Request) -> float:
    """Tokens that a request may use, before anybody has counted: four characters each, and its budget."""
    return sum(len(m.content) for m in request.messages) / 4 + (request.sampling.max_tokens or GUESSED_TOKENS)


def used(completion: Completion) -> float | None:
    """Tokens that a reply says were used; None where it does not say."""
    claimed = completion.meta.get("claimed_tokens", {})
    counted = completion.tokens.completion if completion.tokens.completion is not None else claimed.get("completion")
    return None if counted is None else float(counted + (completion.tokens.prompt or 0))
