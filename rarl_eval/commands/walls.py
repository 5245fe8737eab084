"""Options of the sandbox: where model-written code runs, for how long, and with what."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from rarl_eval.commands.servers import together
from rarl_eval.errors import BadInput
from rarl_eval.types import Benchmark


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """Where model-written code runs."""

    sandbox: str | None
    sandbox_tier: str | None
    sandbox_packages: str | None
    sandbox_seconds: float | None
    sandbox_memory: int | None
    unsafe_local: bool
    jobs: int | None

    @contextmanager
    def around(self, benchmarks: Sequence[Benchmark]) -> Iterator[None]:
        """Set up the sandbox that judges these benchmarks, where one of them runs code."""
        from rarl_eval.sandbox.images import command_of

        command = None if self.sandbox is None else command_of(self.sandbox)
        if not any(benchmark.task.runs_code for benchmark in benchmarks):
            yield
            return
        from rarl_eval.sandbox import Limits, Sandbox, use

        memory = self.sandbox_memory and self.sandbox_memory * 2**20
        asked: dict[str, Any] = {"seconds": self.sandbox_seconds, "memory_bytes": memory}
        walls = Sandbox(
            tier=self.sandbox_tier,  # type: ignore[arg-type]
            unsafe_local=self.unsafe_local,
            jobs=self.jobs,
            limits=Limits(**{name: value for name, value in asked.items() if value is not None}),
            packages=self._packages(benchmarks),
            command=command,
        )
        with walls, use(walls):
            yield

    def _packages(self, benchmarks: Sequence[Benchmark]) -> list[str]:
        """Return the packages that the tasks and the user name; the user is told of one that is not here."""
        from importlib.util import find_spec

        wanted = [name.strip() for name in (self.sandbox_packages or "").split(",") if name.strip()]
        for name in wanted:
            if not name.isidentifier() or find_spec(name) is None:
                raise BadInput(f"--sandbox-packages names {name!r}, which is not installed here")
        return list(dict.fromkeys([*wanted, *(name for b in benchmarks for name in b.task.packages)]))


sandboxed = together(
    "walls",
    SandboxOptions,
    click.option(
        "--sandbox",
        metavar="command:CMD|docker:IMAGE|podman:IMAGE",
        help="Hand model-written code to an outside runner, or to one in a container's image.",
    ),
    click.option("--sandbox-tier", type=click.Choice(["A", "B"]), help="Default: the best that works here."),
    click.option("--sandbox-packages", metavar="P[,P]", help="Packages programs may import, beside the task's own."),
    click.option(
        "--sandbox-seconds",
        type=click.FloatRange(0, min_open=True),
        help="Processor time of a program whose task sets none; default: 3.",
    ),
    click.option("--sandbox-memory", type=click.IntRange(1), metavar="MIB", help="Of a program; default: 1024."),
    click.option("--unsafe-local", is_flag=True, help="Run model-written code even where nothing can wall it in."),
    click.option("--jobs", "-j", type=click.IntRange(1), help="Programs run at once; default: one for each core."),
)
