"""``rarl-eval score``: judge outputs that another harness recorded."""

from pathlib import Path
from typing import Literal

import click

from rarl_eval.commands import options
from rarl_eval.errors import BadInput
from rarl_eval.importers import Fields
from rarl_eval.score import Scored, score


@click.command("score")
@click.argument("files", nargs=-1, required=True, type=options.FOLDER)
@options.tasks
@click.option("--out", "-o", required=True, type=options.FOLDER, help="Run directory to write.")
@click.option("--model", "-m", metavar="NAME", help="Default: what the rows name, else the file's name.")
@click.option("--format", "form", type=click.Choice(["auto", "jsonl", "lm-eval"]), default="auto", show_default=True)
@click.option("--text-field", help="Field of the model's text; dots reach into objects (175b.solution).")
@click.option("--id-field", help="Field of the item's id.")
@click.option("--gold-field", help="Field of the row's own gold, compared with the item's and counted.")
@click.option("--question-field", help="Field of the question, for matching by content.")
@click.option("--reasoning-field", help="Field of the reasoning, where it stands apart from the text.")
@click.option("--tokens-field", help="Field of the number of generated tokens.")
@click.option("--stop-field", help="Field of the finish reason (stop, length ...).")
@click.option("--reward-field", "rewards", multiple=True, metavar="NAME=FIELD", help="Field of a recorded reward.")
@options.shown
def command(
    files: tuple[Path, ...],
    task: str,
    sources: tuple[str, ...],
    lock: Path | None,
    out: Path,
    model: str | None,
    form: Literal["auto", "jsonl", "lm-eval"],
    text_field: str | None,
    id_field: str | None,
    gold_field: str | None,
    question_field: str | None,
    reasoning_field: str | None,
    tokens_field: str | None,
    stop_field: str | None,
    rewards: tuple[str, ...],
    progress: options.Shown,
) -> None:
    r"""Judge outputs that another harness recorded.

    Outputs are matched to items by content, by id, or by row, whichever finds most; the count is printed. Several
    files are one run: the k-th output of an item is its sample k.

    \b
    Examples:
      rarl-eval score samples_gsm8k_*.jsonl -t gsm8k -o runs/lm-eval
      rarl-eval score outputs.jsonl.gz -t gsm8k --text-field 175b.solution -m 175b -o runs/175b
      rarl-eval score judged.csv -t medqa --text-field reply --reward-field rm=rm_score -o runs/judged
    """
    fields = Fields(
        text=text_field,
        id=id_field,
        gold=gold_field,
        question=question_field,
        reasoning=reasoning_field,
        tokens=tokens_field,
        stop=stop_field,
        rewards=_rewards(rewards),
    )
    benchmarks = options.load(task, sources, lock)
    if len(benchmarks) != 1:
        raise BadInput(f"--task {task} names {len(benchmarks)} tasks; score one at a time")
    with options.record_progress(progress) as show:
        done = score(files, benchmarks[0], out, model=model, form=form, fields=fields, progress=show)
    _tell(done, out)


def _rewards(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [option.partition("=") for option in given]
    for name, equals, field in pairs:
        if not (name and equals and field):
            raise BadInput(f"--reward-field {name + equals + field!r} is not NAME=FIELD")
    return {name: field for name, _, field in pairs}


def _tell(done: Scored, out: Path) -> None:
    ways = ", ".join(f"{count} by {how}" for how, count in sorted(done.how.items()))
    options.say(f"{done.model}: {done.matched} of {done.rows} outputs matched ({ways}), in {out}")
    if done.unmatched:
        options.say(
            f"  {done.rows - done.matched} matched no item and were left out, first: {', '.join(done.unmatched)}"
        )
    if done.items_answered < done.items:
        options.say(f"  {done.items - done.items_answered} of {done.items} items have no output")
    if done.gold_differs:
        options.say(f"  {done.gold_differs} rows carry another gold than their item: is it the same benchmark?")
