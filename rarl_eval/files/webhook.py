"""A JSON message to whoever waits for one; what goes wrong is said and changes nothing."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from rarl_eval.errors import BadInput

SECONDS = 20.0


def notify(url: str, message: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Post a message as JSON; ``text`` in it is what chat services show."""
    try:
        post = Request(  # noqa: S310  address lets nothing but http and https through
            address(url), data=json.dumps(message).encode(), headers={"Content-Type": "application/json"}
        )
        with urlopen(post, timeout=SECONDS):  # noqa: S310
            pass
    except HTTPError as error:
        say(f"the webhook answered with status {error.code}")
    except (OSError, ValueError, BadInput) as error:
        say(f"the webhook was not reached: {type(error).__name__}")  # an address may hold a secret


def is_address(url: str | None) -> bool:
    """Whether this can be a webhook's address: http://, https://, or a variable that holds it (``env:NAME``)."""
    return url is None or url.startswith(("http://", "https://")) or (url.startswith("env:") and len(url) > 4)


def address(url: str) -> str:
    """Return the address, from the variable it names where it begins with ``env:``."""
    if not url.startswith("env:"):
        return url
    found = os.environ.get(url.removeprefix("env:"), "")
    if not found.startswith(("http://", "https://")):
        raise BadInput(f"webhook: the variable {url.removeprefix('env:')} holds no http:// or https:// address")
    return found
