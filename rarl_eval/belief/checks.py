"""The checks that need no test: reading, judge, completeness, noise, provenance, length.

Each fails where it alone is reason enough to look before believing, and is unsure where a reader should know of it.
"""

from rarl_eval.belief.nouns import BeliefCheck, Facts, Status
from rarl_eval.belief.words import counted, listed, share
from rarl_eval.measures.doubt import MOST
from rarl_eval.stats import Interval

MOST_CUT = 0.10
"""Above this share of answers cut off at their cap, accuracy is one at that cap, and a lower bound beyond it."""
WIDE, TOO_WIDE = 0.05, 0.10
"""Half an interval: above the first a reader should know, above the second the score says little."""


def reading(facts: Facts) -> BeliefCheck:
    """See whether the answers could be read, and two readings of them agree."""
    row, doubt = facts.row, facts.doubt
    missing, judged = row.no_answer or 0.0, row.traces or 0
    silent = (row.stops or {}).get("cannot_judge") or 0
    differs = doubt.share if doubt is not None else None
    unread = silent / (silent + judged) if silent + judged else 0.0
    contradicted = facts.source.harness_differs
    reasons = [
        f"{share(missing)} of the answers have none that the rule can read" if missing > MOST else "",
        f"{share(differs)} are judged otherwise by a second reading" if differs and differs.value > MOST else "",
        f"{counted(silent, 'answer')} could not be judged" if unread > MOST else "",
        f"{share(contradicted)} were judged otherwise where they come from" if (contradicted or 0) > MOST else "",
    ]
    why = [reason for reason in reasons if reason]
    if not judged:
        return made("reading", "failed", "No answer was judged.", f"rarl-eval show {row.run}")
    if why:
        return made("reading", "failed", f"{listed(why)}.", f"rarl-eval show {row.run}", differs,
                      "read in two ways")  # fmt: skip
    if differs is None:
        return made("reading", "passed", "The task's own rule read every answer.")
    return made("reading", "passed", f"Two readings differ on {share(differs)}.", None, differs, "read in two ways")


def judge(facts: Facts) -> BeliefCheck:
    """See how often the judge errs itself, where a model decided what is right."""
    row = facts.row
    waiting = row.unjudged or 0
    if waiting:
        return made("judge", "failed", f"{counted(waiting, 'answer')} in free text wait for a judge.",
                      f"rarl-eval score --judge MODEL, for {row.task}")  # fmt: skip
    if not facts.judges:
        return made("judge", "passed", "A rule decided, no model.")
    name = ", ".join(facts.judges)
    measured = facts.judge_measured
    if measured is None or measured.false_pass is None or measured.false_fail is None:
        return made("judge", "unsure", f"{name} judged, and nobody measured how often it errs.",
                      f"rarl-eval agree --run {row.run} --labels LABELS")  # fmt: skip
    told = (
        f"{name} judged; where a rule knows better it passes {share(measured.false_pass)} of the wrong answers and "
        f"fails {share(measured.false_fail)} of the right ones; the value is corrected for both."
    )
    return made("judge", "passed", told, None, measured.false_pass, "false passes of the judge")


def completeness(facts: Facts) -> BeliefCheck:
    """See whether every item got an answer, and none was cut off."""
    row = facts.row
    n, asked, errors = row.n or 0, row.asked or 0, row.errors or 0
    failed = errors / (errors + (row.traces or 0)) if errors else 0.0
    answered = n / asked if asked else 1.0
    cut = facts.truncated
    reasons = [
        f"{n:,} of {asked:,} items were answered" if answered < 1 - MOST else "",
        f"{counted(errors, 'call')} failed" if failed > MOST else "",
        f"{share(cut)} of the answers were cut off at their cap" if (cut or 0) > MOST_CUT else "",
    ]
    why = [reason for reason in reasons if reason]
    figure = Interval(answered, None, None) if asked else None
    if why:
        return made("completeness", "failed", f"{listed(why)}.", _rerun(facts), figure, "items answered of asked")
    if (cut or 0) > MOST:
        told = f"{share(cut)} of the answers were cut off at their cap."
        return made("completeness", "unsure", told, _rerun(facts), figure, "items answered of asked")
    return made("completeness", "passed", f"{n:,} of {asked:,} items.", None, figure, "items answered of asked")


def noise(facts: Facts) -> BeliefCheck:
    """See how wide the interval is, and of how many samples."""
    found, row = facts.row.accuracy, facts.row
    if found is None or found.low is None or found.high is None or not row.n:
        return made("noise", "failed", "There are too few answers for an interval.", _rerun(facts))
    half = (found.high - found.low) / 2
    status: Status = "passed" if half <= WIDE else "unsure" if half <= TOO_WIDE else "failed"
    samples = (row.traces or 0) / row.n
    seeds = "one sample each" if samples <= 1 else f"{samples:.3g} samples each"
    told = (
        f"±{100 * half:.1f} points on {counted(row.n, 'item')}, {seeds}: another such model has to differ by "
        f"{100 * half * 2.0:.0f} points to be told apart."
    )
    more = f"rarl-eval run -t {row.task} --samples {max(4, 4 * round(samples))}, or more items"
    return made("noise", status, told, None if status == "passed" else more, Interval(half, None, None),
                  "half of the interval")  # fmt: skip


def provenance(facts: Facts) -> BeliefCheck:
    """See whether it is known which items, which prompt and which model these answers are of."""
    row, source = facts.row, facts.source
    if len(source.served) > 1:
        names = ", ".join(source.served)
        return made("provenance", "failed", f"The replies name several models: {names}.", _rerun(facts))
    unknown = [
        "" if row.fingerprint else "the items' fingerprint",
        "" if source.revision or source.made else "the revision of the rows",
        "the prompt and the sampling" if source.recorded else "" if row.prompt_style else "the prompt",
    ]
    missing = [what for what in unknown if what]
    if missing:
        return made("provenance", "unsure", f"Nobody knows {listed(missing)}.", "rarl-eval tasks --lock, and a run")
    return made("provenance", "passed", "Items, prompt, sampling and model are on record.")


def length(facts: Facts) -> BeliefCheck:
    """See whether the lead over the next model is gone where both get the same length."""
    peer = facts.peer
    if peer is None:
        return made("length", "not_done", "No other model here has lengths that compare.")
    figure = Interval(peer.lead_at_equal_length, None, None)
    if peer.lead > 0 >= peer.lead_at_equal_length:
        told = f"Its lead of {100 * peer.lead:.1f} points over {peer.model} is gone where both get the same length."
        return made("length", "unsure", told, None, figure, "lead at equal length")
    told = f"It stays ahead of {peer.model} where both get the same length."
    return made("length", "passed", told, None, figure, "lead at equal length")


def made(
    name: str, status: Status, told: str, settle: str | None = None, figure: Interval | None = None, measure: str = ""
) -> BeliefCheck:
    """Return a check whose sentence begins with a capital letter."""
    told = told[:1].upper() + told[1:]
    return BeliefCheck(name=name, status=status, figure=figure, measure=measure, told=told, settle=settle)  # type: ignore[arg-type]


def _rerun(facts: Facts) -> str:
    row = facts.row
    return f"rarl-eval run -t {row.task} --resume" if not facts.source.recorded else f"rarl-eval score -t {row.task}"
