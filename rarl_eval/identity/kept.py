"""What a manifest says of the identity of recorded rows, held against the records there are."""

from collections.abc import Mapping
from typing import Any

from rarl_eval.identity.match import STATES


def kept(said: Mapping[str, Any], records: int) -> tuple[list[str], str]:
    """Return what does not fit, and the counts with the first rows that were left out, for a person."""
    counts = {state: int(said.get(state) or 0) for state in STATES}
    having = sum(counts.values()) - counts["unmatched"]
    wrong = [] if records <= having else [f"{records} records, of {having} rows that have an item"]
    if sum(counts.values()) != said.get("rows"):
        wrong.append(f"{sum(counts.values())} rows by state, {said.get('rows')} said")
    trusted = int(said.get("on_trust") or 0)
    parts = [", ".join(f"{count} {state}" for state, count in counts.items())]
    parts += [f"{trusted} joined on trust (--trust-ids)"] if trusted else []
    for state in ("contradicted", "unmatched"):
        first = [str(example.get("where")) for example in said.get("examples", {}).get(state, ())]
        parts += [f"{state}, first: {'; '.join(first)}"] if first else []
    return wrong, "; ".join(parts)
