"""One way to hash plain data: canonical JSON, blake2b, 32 hex digits."""

import hashlib
from typing import Any

import msgspec


def digest(value: Any) -> str:
    """Hash any data that JSON can hold; the order of keys does not matter."""
    return hashlib.blake2b(msgspec.json.encode(value, order="sorted"), digest_size=16).hexdigest()
