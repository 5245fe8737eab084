"""What pages tell of how figures came about: the benchmark, the run's settings, and the command that makes it again."""

from pathlib import Path
from typing import Any

import pytest

from rarl_eval.commands.run import command
from rarl_eval.leaderboards.settings import again
from rarl_eval.site import build_site
from tests.leaderboards import runs

RUN: dict[str, Any] = {
    "kind": "run", "samples": 1, "seed": 0, "limit": None, "sampling": {},
    "model": {"adapter": "openai", "name": "org/m"}, "tasks": {"gsm8k": {"prompt_style": {"name": "cot", "version": 1}}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "rarl-eval run -t gsm8k -m openai:org/m -o OUT"),
        (
            {
                "sampling": {"temperature": 0.6, "max_tokens": 4096, "thinking": False},
                "samples": 4,
                "seed": 7,
                "limit": 9,
            },
            "-m openai:org/m --temperature 0.6 --max-tokens 4096 --samples 4 --seed 7 --limit 9 --no-thinking -o OUT",
        ),
        ({"sampling": {"temperature": 0.0, "logprobs": True}}, "--temperature 0.0 --logprobs -o OUT"),
        ({"tasks": {"svamp": {"prompt_style": {"name": "few-shot"}}, "aqua": {}}}, "-t svamp,aqua"),
        ({"tasks": {"svamp": {"prompt_style": {"name": "few-shot"}}}}, "--prompt-style few-shot"),
        ({"model": {"adapter": "gguf", "name": "m", "file": "a b.gguf"}}, "-m 'gguf:a b.gguf'"),
        ({"model": {"adapter": "openai", "name": "m", "base_url": "http://10.0.0.7:8000/v1"}}, "--base-url URL"),
    ],
)
def test_a_run_has_a_command(more: dict[str, Any], told: str) -> None:
    """What is at its default is left out, words are quoted, and where a server stands is nobody's to read."""
    found = again(RUN | more)
    assert told in found
    assert "10.0.0.7" not in found


def test_the_commands_options_exist() -> None:
    """Every option that is told is one of ``rarl-eval run``."""
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    told = again(RUN | {
        "sampling": {"temperature": 1.0, "max_tokens": 1, "thinking": True, "logprobs": True}, "samples": 2, "seed": 3,
        "limit": 4, "model": {"adapter": "openai", "name": "m", "base_url": "http://x"},
        "tasks": {"t": {"prompt_style": {"name": "zero-shot"}}},
    })  # fmt: skip
    assert {part for part in told.split() if part.startswith("-")} <= known


@pytest.mark.parametrize("more", [{"kind": "score"}, {"model": None}, {"model": {"name": "m"}}])
def test_recorded_outputs_have_no_command(more: dict[str, Any]) -> None:
    """Nobody can ask again what another program asked."""
    assert again(RUN | more) == ""


def test_pages_say_where_figures_come_from(tmp_path: Path) -> None:
    """A task's page tells fingerprint, version, items and an example that leads to its item; a model's its run."""
    made = runs.made(tmp_path)
    build_site(made["reports"], tmp_path / "site", runs=made["runs"], scans=made["scans"], say=lambda _: None)
    task = (tmp_path / "site/tasks/made.html").read_text()
    for label, text in (("Fingerprint of the items", "f"), ("Version of the rule", "1"), ("Items", "12")):
        assert f"<dt>{label}</dt><dd><bdi>{text}</bdi></dd>" in task
    assert '<a href="../items/made/q00.html">q00</a>' in task
    model = (tmp_path / "site/models/good.html").read_text()
    assert "recorded by another program" in model
    assert "2026-01-02T03:04:05 to 2026-01-02T04:04:05" in model


def test_a_known_benchmark_is_told_by_its_file(tmp_path: Path) -> None:
    """Source, paper and licence stand there without any run."""
    from tests.leaderboards import reports
    from tests.leaderboards.chrome import written

    written(tmp_path, reports.report(2, 1))
    page = (tmp_path / "site/tasks/gsm8k.html").read_text()
    assert "openai/gsm8k, test" in page
    assert "<dt>Licence</dt>" in page
    assert '<p class="lead">' in page
