"""``rarl-eval fetch``: fill the cache with the rows of benchmarks, for machines without a network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rarl_eval import data, registry
from rarl_eval.commands import family, options
from rarl_eval.data.styles import examples
from rarl_eval.errors import BadInput
from rarl_eval.files import reaching
from rarl_eval.types import Benchmark, Task


@family.command("fetch")
@click.argument("tasks", nargs=-1, required=True, metavar="TASK...")
@click.option("--lock", type=options.FOLDER, help="Fetch what this lock file holds, no other revision.")
@click.option("--few-shot", is_flag=True, help="The rows that few-shot examples are taken from, too.")
def command(tasks: tuple[str, ...], lock: Path | None, few_shot: bool, as_json: bool) -> int:
    r"""Fill the cache with the rows of benchmarks, for machines without a network.

    What is cached is loaded there with HF_HUB_OFFLINE=1, or with a lock, without a request. Files are kept where
    huggingface_hub keeps them (HF_HOME), those of code repositories under ~/.cache/rarl-eval. RARL_EVAL_DATA is not
    looked into. Exit code 1 if some tasks of a group cannot be had: they are named, the others are fetched.

    \b
    Examples:
      rarl-eval fetch gsm8k math500
      rarl-eval fetch all --few-shot
      rarl-eval fetch math --lock tasks.lock.json
    """
    if reaching.offline():
        raise BadInput("HF_HUB_OFFLINE is set; unset it to fetch")
    held = data.read_lock(lock) if lock else None
    wanted = registry.tasks(tasks, say=options.say)

    def one(task: Task) -> list[Benchmark]:
        found = [data.load(task, lock=held, folder=False)]
        shown = examples(task, lock=held, folder=False) if few_shot else None
        return [*found, *([shown] if shown else [])]

    told = [line for found in options.had(one, wanted, tasks, {}) for line in _told(found)]
    if as_json:
        family.print_json(told)
    else:
        for line in told:
            click.echo(f"{line['task']}: {line['rows']:,} rows of {line['origin']}")
    return 0


def _told(found: list[Benchmark]) -> Iterator[dict[str, Any]]:
    for benchmark in found:
        yield {
            "task": benchmark.task.name,
            "rows": len(benchmark.items),
            "origin": benchmark.origin,
            "revision": benchmark.revision,
            "fingerprint": benchmark.fingerprint,
        }
