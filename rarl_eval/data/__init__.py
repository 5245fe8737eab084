"""Where items come from: a benchmark's rows by its source or a user's file, its prompts, its lock, its check."""

from rarl_eval.data.loading import LABORATORY, fingerprint, load, parse_sources
from rarl_eval.data.locks import Locked, read_lock, write_lock

__all__ = ["LABORATORY", "Locked", "fingerprint", "load", "parse_sources", "read_lock", "write_lock"]
