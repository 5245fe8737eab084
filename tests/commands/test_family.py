"""The commands are one family: several values after one option, JSON from each, variables, help with an example."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from rarl_eval.cli import COMMANDS, group
from rarl_eval.commands.family import VARIABLES, Member, spread

Cli = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]


def members() -> Iterator[tuple[str, click.Command]]:
    """Every command with its name; of a group of commands, those in it."""
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())
        else:
            yield name, command


MEMBERS = dict(members())


def options(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option)]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_command_is_of_the_family(name: str) -> None:
    """It takes several words after an option, prints JSON, and its help has an example that is a command of its own."""
    command = MEMBERS[name]
    assert isinstance(command, Member)
    assert "--json" in {opt for option in options(command) for opt in option.opts}
    assert re.search(rf"Examples?:\n\s+rarl-eval {name}\b", command.help or "")
    assert all(option.help for option in options(command) if option.name != "engine" or name != "run")


@pytest.mark.parametrize("name", MEMBERS)
def test_a_command_is_documented(name: str) -> None:
    """Some page of the documentation shows it."""
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    assert any(re.search(rf"rarl-eval {name}\b", page.read_text("utf-8")) for page in pages)


def test_one_option_is_one_thing_everywhere() -> None:
    """An option has one type, one short letter and one number of values in all commands; else the page says so."""
    seen: dict[str, set[tuple[Any, ...]]] = {}
    for command in MEMBERS.values():
        for option in options(command):
            short = tuple(o for o in option.opts if not o.startswith("--"))
            for opt in (o for o in option.opts if o.startswith("--")):
                seen.setdefault(opt, set()).add((option.type.name, option.is_flag, option.multiple, short))
    page = (ROOT / "docs" / "commands.md").read_text("utf-8").split("## One word, two things")[1]
    assert {opt for opt, found in seen.items() if len(found) > 1} == set(
        re.findall(r"^\| `(--[a-z-]+)`", page, re.MULTILINE)
    )


@pytest.mark.parametrize("name", MEMBERS)
def test_help_shows_what_holds_where_nothing_is_given(name: str) -> None:
    """A default that is a number or a word stands in the help, as the default or in the sentence."""
    for option in options(MEMBERS[name]):
        default = option.default
        if isinstance(default, str | int | float) and not option.is_flag:
            assert option.show_default or str(default) in (option.help or ""), option.name


def test_variables_stand_in_for_options_and_are_told() -> None:
    """Each variable's option exists, its help names it, and the page of commands lists it."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    used = {option.name: option for command in MEMBERS.values() for option in options(command) if option.envvar}
    assert used.keys() == VARIABLES.keys()
    for name, variable in VARIABLES.items():
        assert used[name].show_envvar
        assert f"`{variable}`" in page


def test_a_variable_is_taken_and_the_option_wins(cli: Cli, tmp_path: Path) -> None:
    """RARL_EVAL_SEED seeds a run whose command names no seed; a bad value is told with the variable."""
    ask = ("run", "-t", "fresh:math@1:5", "-m", "echo:1", "-q")
    for more, seed in (((), 7), (("--seed", "3"), 3)):
        out = tmp_path / f"run-{seed}"
        assert cli(*ask, *more, "-o", out, env={"RARL_EVAL_SEED": "7"}).returncode == 0
        assert json.loads((out / "manifest.json").read_text())["seed"] == seed
    bad = cli(*ask, "-o", tmp_path / "bad", env={"RARL_EVAL_CONCURRENCY": "many"})
    assert (bad.returncode, "RARL_EVAL_CONCURRENCY" in bad.stderr) == (2, True)


RUNS = click.Option(["--run", "-r"], multiple=True)
OUT = click.Option(["--out", "-o"])
FLAG = click.Option(["--cut"], is_flag=True)
FILES = click.Argument(["files"], nargs=-1)


@pytest.mark.parametrize(
    ("parameters", "words", "meant"),
    [
        ([RUNS, OUT], "--run a b c -o x", "--run a --run b --run c -o x"),
        ([RUNS, OUT], "-r a b -o x -r c", "-r a -r b -o x -r c"),
        ([RUNS, OUT], "--run=a b", "--run=a --run b"),
        ([RUNS, OUT], "-ra b", "-ra -r b"),
        ([RUNS, OUT], "-o x a", "-o x a"),
        ([RUNS, FLAG], "--run a --cut b", "--run a --cut b"),
        ([RUNS], "--run - -", "--run - --run -"),
        ([RUNS], "--run a -- b c", "--run a -- b c"),
        ([RUNS, OUT], "--run", "--run"),
        ([RUNS, OUT, FILES], "--run a f g", "--run a f g"),
        ([RUNS, OUT, FILES], "f --run a b -o x", "f --run a --run b -o x"),
        ([RUNS, OUT, FILES], "f g -o x h", "f g -o x h"),
    ],
)
def test_an_option_takes_the_words_that_follow_it(parameters: list[Any], words: str, meant: str) -> None:
    """As the shell expands them; a command's own files stand before, or right after one value."""
    assert list(spread(parameters, words.split())) == meant.split()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from click.testing import CliRunner

    folder = tmp_path_factory.mktemp("family")
    for answer in ("1", "2"):
        ask = [
            "run",
            "-t",
            "fresh:math@1:5",
            "-m",
            f"echo:{answer}",
            "-o",
            str(folder / "runs" / answer),
            "-q",
            "--json",
        ]
        done = CliRunner().invoke(group, ask, standalone_mode=False)
        assert done.exception is None
        (told,) = json.loads(done.stdout)["runs"]
        assert (told["asked"], told["failed"], told["beyond"]) == (5, 0, 0)
    return folder


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("report --run runs/1 runs/2 -o report", {"rows", "schema"}),
        ("agree -r runs/1 runs/2 -o agreement", {"rewards", "policies"}),
        ("compare runs/1 runs/2", {"pairs"}),
        ("show runs/1", {"path", "tasks"}),
        ("reward -r runs/1 -w exact format", {"run", "rewards"}),
        ("export -r runs/1 --format eee -o exported", {"files"}),
        ("tasks -t gsm8k svamp", None),
        ("tasks --check fresh:math@1:5 fresh:code@1:5", None),
        ("list rewards", None),
        ("cache ls", None),
        ("cache gc", {"deleted"}),
        ("site -r report -o site --run runs/1 runs/2", {"index"}),
    ],
)
def test_json_is_the_one_thing_on_stdout(
    runs: Path, monkeypatch: pytest.MonkeyPatch, words: str, keys: set[str] | None
) -> None:
    """Whatever else is told goes to stderr."""
    from click.testing import CliRunner

    monkeypatch.chdir(runs)
    done = CliRunner().invoke(group, [*words.split(), "--json"], standalone_mode=False)
    assert done.exception is None, done.exception
    told = json.loads(done.stdout)
    assert isinstance(told, list) if keys is None else keys <= told.keys()
