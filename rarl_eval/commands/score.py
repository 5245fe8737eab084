"""``rarl-eval score``: judge outputs that another harness recorded."""

from dataclasses import dataclass
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

import click
import msgspec

from rarl_eval.commands import family, groups, options
from rarl_eval.commands.conclusion import conclusion
from rarl_eval.commands.groups import Judging, Rows, RuleOptions
from rarl_eval.commands.progress import Shown, record_progress
from rarl_eval.commands.servers import together
from rarl_eval.commands.walls import SandboxOptions, sandboxed
from rarl_eval.errors import BadInput
from rarl_eval.identity.match import told_of
from rarl_eval.importers import Fields
from rarl_eval.importers.disagreements import Comparison
from rarl_eval.score import ScoredOutputs, score


@dataclass(frozen=True, kw_only=True)
class NamedFields:
    """Which field of the rows holds what."""

    text_field: str | None
    id_field: str | None
    gold_field: str | None
    question_field: str | None
    reasoning_field: str | None
    tokens_field: str | None
    stop_field: str | None
    score_field: str | None
    filter: str | None
    rewards: tuple[str, ...]

    def fields(self) -> Fields:
        """Return them as the importers take them."""
        return Fields(
            text=self.text_field,
            id=self.id_field,
            gold=self.gold_field,
            question=self.question_field,
            reasoning=self.reasoning_field,
            tokens=self.tokens_field,
            stop=self.stop_field,
            score=self.score_field,
            filter=self.filter,
            rewards=_rewards(self.rewards),
        )


_named = together(
    "named",
    NamedFields,
    click.option(
        "--text-field", help="Field of the model's text; dots reach into objects and lists (messages.-1.content)."
    ),
    click.option("--id-field", help="Field of the item's id."),
    click.option("--gold-field", help="Field of the row's own gold, which must be the item's."),
    click.option("--question-field", help="Field of the question, for matching by content."),
    click.option("--reasoning-field", help="Field of the reasoning, where it stands apart from the text."),
    click.option("--tokens-field", help="Field of the number of generated tokens."),
    click.option("--stop-field", help="Field of the finish reason (stop, length ...)."),
    click.option("--score-field", help="Field of the rows' own score (1 or true is right), held against our verdicts."),
    click.option("--filter", help="Filter (or score) of the log that is its headline; default: its first."),
    click.option(
        "--reward-field", "rewards", multiple=True, metavar="NAME=FIELD ...", help="Field of a recorded reward."
    ),
)


@family.command("score")
@click.argument("files", nargs=-1, required=True, type=options.FOLDER)
@groups.rows
@options.out("Run directory to write.")
@click.option("--model", "-m", metavar="NAME", help="Default: what the rows name, else the file's name.")
@groups.rules
@click.option(
    "--reader",
    "--format",
    "form",
    default="auto",
    show_default=True,
    metavar="NAME|./FILE.py",
    help="What the files are: rarl-eval list readers, or a reader of your own.",
)
@_named
@click.option("--trust-ids", is_flag=True, help="Believe ids and row numbers, whatever rows hold; marks the run.")
@groups.judging
@sandboxed
@options.shown
def command(
    files: tuple[Path, ...],
    rows: Rows,
    out: Path,
    model: str | None,
    form: str,
    rules: RuleOptions,
    named: NamedFields,
    trust_ids: bool,
    judging: Judging,
    walls: SandboxOptions,
    progress: Shown,
    as_json: bool,
) -> int:
    r"""Judge outputs that another harness recorded.

    Logs of the programs that rarl-eval list readers names are recognised by what they hold, also in folders; anything
    else is rows with a text field. A row is joined to an item where its question, prompt, gold and options are the
    item's; ids and row numbers only propose. What was proved is printed; more than 2 % of contradictions, or rows that
    an id alone names, are refused. Several files are one run: the k-th output of an item is its sample k. Where they
    carry their own scores, a table says how often those and our verdicts differ; each case stands in
    disagreements.json in the run directory. Exit code 1 if a judge left answers undone.

    \b
    Examples:
      rarl-eval score samples_gsm8k_*.jsonl -t gsm8k -o runs/lm-eval
      rarl-eval score logs/2026-01-01_gsm8k.eval -t gsm8k -o runs/inspect
      rarl-eval score outputs.jsonl.gz -t gsm8k --text-field 175b.solution -m 175b -o runs/175b
      rarl-eval score programs.jsonl -t gsm8k --answers programs --text-field generated -o runs/programs
      rarl-eval score answers.log -t gsm8k --reader ./my_reader.py -o runs/own-format
      rarl-eval score judged.csv -t medqa --text-field reply --reward-field rm=rm_score -o runs/judged
    """
    fields = named.fields()
    benchmarks = rows.load()
    if len(benchmarks) != 1:
        raise BadInput(f"--task {','.join(rows.task)} names {len(benchmarks)} tasks; score one at a time")
    (benchmark,) = rules.applied(benchmarks)
    with walls.around([benchmark]), record_progress(progress) as show:
        done = score(files, benchmark, out, model=model, form=form, fields=fields, trust_ids=trust_ids, progress=show)
    if as_json:
        family.print_json({"out": str(out), **_plain(done)})
    unjudged = judging.answers(out, [benchmarks[0].task])
    if not benchmarks[0].task.judged:
        for line in conclusion(done.answered, done.model, benchmarks[0].task.name):
            options.say(line)
    _tell(done, out, table=not as_json)
    nothing = not done.answered.items and not benchmarks[0].task.judged
    return 1 if unjudged or nothing else 0


def _rewards(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [option.partition("=") for option in given]
    for name, equals, field in pairs:
        if not (name and equals and field):
            raise BadInput(f"--reward-field {name + equals + field!r} is not NAME=FIELD")
    return {name: field for name, _, field in pairs}


def _plain(done: ScoredOutputs) -> dict[str, Any]:
    """Return what was scored, but for what the conclusion is drawn from."""
    return {f.name: msgspec.to_builtins(getattr(done, f.name)) for f in fields_of(done) if f.name != "answered"}


def _tell(done: ScoredOutputs, out: Path, *, table: bool) -> None:
    ways = ", ".join(f"{count} by {how}" for how, count in sorted(done.how.items()))
    kinds = ", ".join(name for name in done.harnesses if name != "jsonl")
    options.say(f"{done.model}: {done.matched} of {done.rows} outputs matched ({ways}), in {out}")
    for line in told_of(done.identity):
        options.say(f"  {line}")
    if kinds:
        options.say(f"  recognised as {kinds}")
    if done.unread:
        options.say(f"  {len(done.unread)} rows are not read, first {done.unread[0].where}: {done.unread[0].reason}")
    if done.left_out:
        first = done.left_out[0]
        options.say(f"  {len(done.left_out)} files of the folder are no logs, first {first.where}: {first.reason}")
    if done.beyond:
        options.say(f"  {done.beyond} cannot be judged and count neither as right nor as wrong; {done.why}")
    if done.items_answered < done.items:
        options.say(f"  {done.items - done.items_answered} of {done.items} items have no output")
    if done.empty:
        options.say(f"  {done.empty} of {done.matched} texts are empty, and nothing says that their calls failed")
    if done.failed:
        options.say(f"  {done.failed} outputs are failed calls and are judged as nothing")
    if done.comparisons and table:
        _table(done.comparisons)


def _table(comparisons: tuple[Comparison, ...]) -> None:
    from rarl_eval.report.layout import laid_out, terminal_width
    from rarl_eval.report.tables import Table

    names = ("score", "compared", "right: theirs", "ours", "only theirs", "only ours", "their total")
    rows: list[tuple[str, ...]] = []
    for c in comparisons:
        shares = [f"{n / c.compared:.1%}" if c.compared else "-" for n in (c.right_theirs, c.right_ours)]
        total = "-" if c.reported is None else f"{c.reported:.4g}"
        why = "; ".join(f"{count} {reason}" for reason, count in c.why.items())
        name = c.score + (" (headline)" if c.headline and len(comparisons) > 1 else "")
        rows.append((name, str(c.compared), *shares, str(c.only_theirs), str(c.only_ours), total, why))
    table = Table("Their scores and our verdicts", (*names, "why they differ"), rows, 1)
    options.print_lines(laid_out(table, terminal_width()))
