"""What a run asks for: how many items and samples, drawn how, after which system message."""

from dataclasses import dataclass
from pathlib import Path

import click

from rarl_eval.commands.servers import together
from rarl_eval.errors import BadInput
from rarl_eval.models import Sampling
from rarl_eval.run import Settings


@dataclass(frozen=True, kw_only=True)
class RunWanted:
    """What is asked for."""

    limit: int | None
    samples: int
    temperature: float | None
    max_tokens: str | None
    seed: int
    thinking: bool | None
    logprobs: bool
    system: str | None

    def each(self, out: Path) -> list[tuple[Path, Settings]]:
        """Return a run's folder and settings for each budget."""
        budgets = _budgets(self.max_tokens)
        folders = [out if len(budgets) == 1 else out / f"budget-{budget}" for budget in budgets]
        return [(folder, self._settings(budget)) for folder, budget in zip(folders, budgets, strict=True)]

    def _settings(self, budget: int | None) -> Settings:
        sampling = Sampling(
            temperature=self.temperature, max_tokens=budget, thinking=self.thinking, logprobs=self.logprobs
        )
        return Settings(
            samples=self.samples, seed=self.seed, limit=self.limit, sampling=sampling, system=_text(self.system)
        )


def _text(given: str | None) -> str | None:
    """Return a text that was given as it is, or as @FILE."""
    if given is None or not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--system {given}: the file cannot be read ({error})") from error


def _budgets(text: str | None) -> list[int | None]:
    if text is None:
        return [None]
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = [0]
    if min(found) < 1 or len(set(found)) < len(found):
        raise BadInput(f"--max-tokens {text!r} is no list of different positive numbers, e.g. 512,1024,4096")
    return list(found)


wanted = together(
    "wanted",
    RunWanted,
    click.option("--limit", type=click.IntRange(1), help="Only the first N items of each task."),
    click.option("--samples", "-k", type=click.IntRange(1), default=1, show_default=True, help="Samples per item."),
    click.option("--temperature", type=click.FloatRange(0), help="Default: the model's own."),
    click.option(
        "--max-tokens", metavar="N[,N]", help="Tokens per sample; several budgets make a run each, OUT/budget-N."
    ),
    click.option(
        "--seed", type=int, default=0, show_default=True, help="Of samples, and of the items of fresh: tasks."
    ),
    click.option(
        "--thinking/--no-thinking", default=None, help="Let the model reason first or not, where it can choose."
    ),
    click.option("--system", metavar="TEXT|@FILE", help="Said before each prompt, as the system message."),
    click.option("--logprobs", is_flag=True, help="Keep the log-probability of each token (gguf:, vllm:, openai:)."),
)
