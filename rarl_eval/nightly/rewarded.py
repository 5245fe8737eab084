"""The file's rewards added to tonight's runs; each failure is told and stops no other."""

from collections.abc import Iterable

from rarl_eval.nightly.cells import Filled, Work, said, shown


def add_rewards(work: Work, filled: Iterable[Filled]) -> list[str]:
    """Add the file's rewards to tonight's runs; return failures."""
    if not work.config.reward:
        return []
    from rarl_eval.rewards import Budget, Reach
    from rarl_eval.rewards.add import add_rewards as add
    from rarl_eval.rewards.open import open_source

    failures = []
    for cell in filled:
        for entry in work.config.reward:
            reach = Reach(options=entry.options, budget=Budget(calls=entry.calls, tokens=entry.tokens))
            try:
                added = (
                    [] if cell.run is None else add(cell.run, [open_source(_reward_source(work, entry.source), reach)])
                )
            except Exception as error:  # noqa: BLE001  a user's reward function may raise anything
                failures.append(f"reward {entry.source} on {shown(cell.cell)}: {said(error)}")
            else:
                failures += [
                    f"reward {a.name} on {shown(cell.cell)}: {a.failed} calls failed" for a in added if a.failed
                ]
    return failures


def _reward_source(work: Work, text: str) -> str:
    """Resolve the file of a reward that is a function: ``[NAME=]./file.py:function``."""
    head, equals, source = text.rpartition("=")
    file, colon, _ = source.rpartition(":")
    return f"{head}{equals}{work.path(source)}" if colon and file.endswith(".py") else text
