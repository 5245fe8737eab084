"""Share of an answer's numbers that the item's context supports, as a rule: its misses are made up, or miscopied.

Which numbers are missing is kept in the run beside the score, with how many the search would have passed by chance.
Not here: the search and its limits (answers.support).
"""

import msgspec

from rarl_eval.answers.support import support
from rarl_eval.rewards import Case, Kind, Reach, RewardSource, case_source, no_argument
from rarl_eval.runs.added import Entry


def open_supported(argument: str, reach: Reach, registered: str) -> RewardSource:
    """Open ``supported``: 1 where every number rests on the context; None without a context or without a number."""
    no_argument(argument, registered)
    kind = Kind(name=reach.name or registered, judge="rule")
    return case_source(kind, lambda case: _entry(kind, case), {"rule": registered})


def _entry(kind: Kind, case: Case) -> Entry:
    found = support(case.item, case.record.trace.answer)
    if found is None or not found.checked:
        return kind.entry(case, None)
    entry = kind.entry(case, 1 - len(found.unsupported) / found.checked)
    return msgspec.structs.replace(entry, detail={**entry.detail, **msgspec.to_builtins(found)})
