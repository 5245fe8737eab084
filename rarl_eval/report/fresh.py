"""Accuracy on a public set less accuracy on its fresh twin: the same templates, filled anew."""

import re
from collections.abc import Sequence

from rarl_eval.report.row_types import FreshEntry, FreshSide, ReportRow
from rarl_eval.stats import newcombe

PUBLIC = re.compile(r"(fresh:\w+)@0(?::\d+)?")
"""Seed 0 is what everybody gets who names none: it is the public set of its templates."""
FRESH = re.compile(r"(fresh:\w+)@\d+(?::\d+)?")


def public_minus_fresh(rows: Sequence[ReportRow]) -> list[FreshEntry]:
    """For each model with both, public less fresh accuracy; independent items, so Newcombe's interval (1998).

    A model that learnt the public items, and not how to solve such items, is above 0. Several runs or seeds make an
    entry each.
    """
    known = sorted((row for row in rows if row.accuracy is not None), key=lambda row: (row.task, row.model, row.run))
    found = []
    for public in known:
        base = PUBLIC.fullmatch(public.task)
        for twin in known if base else ():
            other = FRESH.fullmatch(twin.task)
            same = base and other and other[1] == base[1] and twin.model == public.model
            if same and not PUBLIC.fullmatch(twin.task) and public.accuracy and twin.accuracy:
                found.append(
                    FreshEntry(
                        model=public.model,
                        public=FreshSide(task=public.task, run=public.run, n=public.n),
                        fresh=FreshSide(task=twin.task, run=twin.run, n=twin.n),
                        difference=newcombe(public.accuracy, twin.accuracy),
                    )
                )
    return found
