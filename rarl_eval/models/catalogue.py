"""What a chat server has behind a name, as its list of models tells it before anything is asked.

vLLM and SGLang name what they loaded (``root``), llama.cpp counts its parameters and bytes (``meta``). A hosted server
lists names alone, and what stands behind one is said by each reply (``model``). Not here: replies.
"""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec

LONGEST_WAIT_SECONDS = 10.0
"""A server that lists its models does so at once; one that does not is asked its questions all the same."""

RECENT_SECONDS = 3600.0
"""A model that was made so lately has the server's clock for a date."""

_NAMES = ("id", "root", "parent", "owned_by", "canonical_slug")
_SIZES = ("n_params", "size", "n_vocab", "n_embd", "n_ctx_train", "vocab_type")

_DECODE = msgspec.json.Decoder(dict[str, Any]).decode


def served(url: str, name: str, headers: Mapping[str, str], proxy: str | None, seconds: float) -> dict[str, Any]:
    """Return what the server at ``url`` says of ``name`` within ``seconds``, but for what changes between its starts.

    Empty where it says nothing: it lists no models, not this one, or cannot be reached.
    """
    try:
        entries = asyncio.run(_list(url, headers, proxy, min(seconds, LONGEST_WAIT_SECONDS)))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
        return {}
    found = [entry for entry in entries if entry.get("id") == name] or (entries if len(entries) == 1 else [])
    return _identity(found[0]) if found else {}


def settled(told: Mapping[str, Any]) -> bool:
    """Whether ``served`` says what is loaded, and not only what it is called."""
    return "root" in told or "meta" in told


async def _list(url: str, headers: Mapping[str, str], proxy: str | None, seconds: float) -> list[dict[str, Any]]:
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers, proxy=proxy) as client,
        client.get(f"{url}/models") as response,
    ):
        if response.status != HTTPStatus.OK:
            return []
        found = _DECODE(await response.read()).get("data")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _identity(entry: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {k: entry[k] for k in _NAMES if isinstance(entry.get(k), str)}
    meta = entry.get("meta")
    sizes = {k: meta[k] for k in _SIZES if isinstance(meta.get(k), int)} if isinstance(meta, dict) else {}
    if sizes:
        told["meta"] = sizes
    created = entry.get("created")
    if not settled(told) and isinstance(created, int) and 0 < created < time.time() - RECENT_SECONDS:
        told["created"] = created
    return told
