"""The file's trainings, watched by their rollouts; each failure is told and stops no other."""

from pathlib import Path

from rarl_eval.errors import RarlEvalError
from rarl_eval.nightly.cells import Work
from rarl_eval.nightly.config import TrainingEntry


def watch_trainings(work: Work) -> tuple[list[str], list[str]]:
    """Watch each training, going on from the night before; return alarms and failures, a sentence each."""
    alarms, failures = [], []
    for entry in work.config.training:
        work.say(f"watch  {entry.name}")
        try:
            told, judged = _watched(work, entry)
        except (RarlEvalError, OSError) as error:
            failures.append(f"training {entry.name}: {error}")
            continue
        if judged:
            alarms += [f"training {entry.name}: {sentence}" for sentence in told]
        else:
            failures.append(f"training {entry.name}: {told[0]}")
    return alarms, failures


def _watched(work: Work, entry: TrainingEntry) -> tuple[list[str], bool]:
    """Return the alarms, or the headline of a training of which nothing could be judged, and whether any was."""
    from rarl_eval.training.known import KnownPrompts
    from rarl_eval.training.layouts import FieldNames
    from rarl_eval.training.look import look
    from rarl_eval.training.present import alarm, headline
    from rarl_eval.training.truth import truths
    from rarl_eval.training.watch import WatchSettings

    named = {name: getattr(entry, f"{name}_field") for name in ("prompt", "text", "reward", "step", "group", "gold")}
    tokenizer = None if entry.tokenizer is None else work.path(entry.tokenizer)
    rule = entry.verify if entry.verify is None or not entry.verify.endswith(".py") else work.path(entry.verify)
    settings = WatchSettings(
        truths=truths(rule, None),
        columns=FieldNames(**named, tokenizer=tokenizer),
        alarm=entry.alarm,
        window=entry.window,
        reward=entry.reward_field,
        known=KnownPrompts([Path(work.path(scan)) for scan in entry.scans]) if entry.scans else None,
    )
    dumps = [Path(work.path(dump)) for dump in entry.dumps]
    found = look(dumps, work.out / "trainings" / entry.name, settings, work.say)
    if not found.judged:
        return [headline(found).rstrip(".")], False
    return [alarm(onset, found).rstrip(".") for onset in found.alarms], True
