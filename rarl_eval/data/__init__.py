"""Where items come from: a benchmark's rows by its source or a user's file, its prompts, its lock, its check."""

from rarl_eval.data.loading import (
    EMBEDDED,
    LABORATORY,
    Locked,
    embedded,
    fingerprint,
    load,
    parse_sources,
    read_lock,
    write_lock,
)

__all__ = [
    "EMBEDDED",
    "LABORATORY",
    "Locked",
    "embedded",
    "fingerprint",
    "load",
    "parse_sources",
    "read_lock",
    "write_lock",
]
