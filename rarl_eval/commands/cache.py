"""``rarl-eval cache``: list or clean the cache of completions."""

from datetime import UTC, datetime

import click

from rarl_eval.commands import family
from rarl_eval.files.text import visible
from rarl_eval.models.cache import collect_garbage, default_path, entries


@click.group("cache")
def command() -> None:
    r"""List or clean the cache of completions.

    It lies at RARL_EVAL_CACHE, or in the user's cache folder; `run` fills it unless --no-cache is given.

    \b
    Examples:
      rarl-eval cache ls
      rarl-eval cache gc --days 30
    """


@command.command("ls", cls=family.Member)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def listed(as_json: bool) -> None:
    r"""List models and tasks with their number of completions, size and dates.

    \b
    Example:
      rarl-eval cache ls --json
    """
    found = entries(default_path())
    if as_json:
        family.print_json(found)
        return
    click.echo(f"{default_path()}: {sum(e.completions for e in found)} completions")
    for entry in found:
        dates = f"{_day(entry.oldest)} to {_day(entry.newest)}"
        click.echo(visible(f"  {entry.model}  {entry.task}  {entry.completions}  {entry.bytes / 1e6:.1f} MB  {dates}"))


@command.command("gc", cls=family.Member)
@click.option("--days", type=click.FloatRange(0), default=90.0, show_default=True, help="Delete what is older.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def cleaned(days: float, as_json: bool) -> None:
    r"""Delete old completions and the claims of processes that died.

    \b
    Example:
      rarl-eval cache gc --days 30
    """
    deleted = collect_garbage(default_path(), days)
    if as_json:
        family.print_json({"cache": str(default_path()), "deleted": deleted})
    else:
        click.echo(f"{deleted} entries deleted from {default_path()}")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
