"""``rarl-eval list``: what names there are, and who brings them."""

from typing import Any, Literal, get_args

import click

from rarl_eval import registry
from rarl_eval.commands import family, options
from rarl_eval.errors import RarlEvalError
from rarl_eval.registry.claims import Owner

Kind = Literal["rewards", "models", "readers", "detectors", "tasks"]

GROUPS = {"readers": "importers"}
"""Kinds whose group of entry points is called otherwise."""


@family.command("list")
@click.argument("kind", type=click.Choice(get_args(Kind)))
def command(kind: Kind, as_json: bool) -> None:
    r"""List the rewards, models, readers, detectors or tasks that can be named, and who brings each.

    Installed packages add names by entry points (CONTRIBUTING.md). One that cannot be loaded is named with its error.

    \b
    Examples:
      rarl-eval list rewards
      rarl-eval list models --json
    """
    group = GROUPS.get(kind, kind)
    found = [_told(group, name, owners) for name, owners in registry.owners(group).items()]
    if as_json:
        family.print_json(found)
        return
    for one in found:
        click.echo(f"{one['name']:<20} {one['from'] or 'rarl-eval'}")
    for one in found:
        if one["error"]:
            options.say(one["error"])


def _told(group: str, name: str, owners: list[Owner]) -> dict[str, Any]:
    """Describe a name; what a package brings is loaded, to see whether it can be."""
    error = None
    try:
        owner = registry.owner(group, name)
        if owner.distribution is not None:
            registry.load(group, name)
    except RarlEvalError as broken:
        error = str(broken)
    return {"name": name, "owner": owners[0].reference, "from": owners[0].distribution, "error": error}
