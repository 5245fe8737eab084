"""What the README says is true: its commands run, its output is the program's, its links lead somewhere."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from rarl_eval.cli import COMMANDS, group

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(text: str) -> list[list[str]]:
    """The rarl-eval commands in a page's shell blocks and indented blocks."""
    lines = (line.strip().removeprefix("$ ") for line in text.split("\n"))
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"rarl-eval [a-z]", line)]


def test_the_readmes_output_is_the_demos(replayed: Path) -> None:
    """Every line of the output block is a line that the demo prints."""
    printed = [" ".join(line.split()) for line in (replayed / "printed").read_text().split("\n")]
    shown = [" ".join(line.split()) for line in README.split("\n") if re.match(r"    (task |fresh:lab)", line)]
    assert len(shown) == 7
    for line in shown:
        assert any(full.startswith(line) for full in printed), line


def test_the_readmes_first_commands_run(cli: Callable[..., Any], tmp_path: Path) -> None:
    """score, scan, report and site run as written, on a benchmark, outputs and a corpus made here."""
    questions = [
        f"A baker bakes {n} loaves in the morning and twice as many after lunch. How many in all?" for n in range(3, 40)
    ]
    rows = [{"question": q, "answer": f"So.\n#### {3 * n}"} for n, q in enumerate(questions, start=3)]
    outputs = [{"question": r["question"], "output": r["answer"]} for r in rows]
    (tmp_path / "train").mkdir()
    for name, content in {
        "gsm8k.jsonl": rows,
        "outputs.jsonl": outputs,
        "train/part.jsonl": [{"text": questions[4]}],
    }.items():
        (tmp_path / name).write_text("".join(json.dumps(r) + "\n" for r in content))
    for command in commands(README)[:4]:
        done = cli(*command, cwd=tmp_path, env={"RARL_EVAL_DATA": str(tmp_path)})
        assert done.returncode == 0, (command, done.stderr)
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (row["accuracy"]["value"], row["clean"]["n"] + row["flagged"]["n"]) == (1.0, 37)
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_benchmark_is_added_as_contributing_says(cli: Callable[..., Any], tmp_path: Path) -> None:
    """The code block, 30 lines at most, is a whole task: saved as it stands it loads, passes its check, and scores."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    page = page[page.index("## Adding a benchmark") :].split("\n## ", 1)[0]
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (row,) = re.findall(r"`(\{\"country\".*?\})`", page)
    assert len(block.strip().split("\n")) <= 30
    rows = [json.loads(row), {"country": "France", "capital": "Paris", "others": ["Lyon", "Nice"]}]
    answers = [
        {"question": "What is the capital of Peru?", "text": "Lima lies on the coast.\n\nThe answer is (A)."},
        {"question": "What is the capital of France?", "text": "The answer is (B)."},
    ]
    (tmp_path / "capitals.py").write_text(block, "utf-8")
    for name, content in (("rows.jsonl", rows), ("answers.jsonl", answers)):
        (tmp_path / name).write_text("".join(json.dumps(r) + "\n" for r in content), "utf-8")
    check, score = (words for words in commands(page) if "capitals=rows.jsonl" in words)
    done = cli(*check, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.match(r"capitals: sound\n\s+rows\s+2 ", done.stdout), done.stdout
    done = cli(*score, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert cli("report", "--run", "scored", "--out", "report", cwd=tmp_path).returncode == 0
    (told,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert (told["accuracy"]["value"], told["n"]) == (0.5, 2)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_documented_commands_and_options_exist(page: Path) -> None:
    """Each command line in the documentation names a command that is there and options that it takes."""
    context = click.Context(group)
    for words in commands(page.read_text("utf-8")):
        command: click.Command | None = group.get_command(context, words[0])
        rest = words[1:]
        while isinstance(command, click.Group) and rest:
            command, rest = command.get_command(context, rest[0]), rest[1:]
        assert command is not None, words
        known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
        used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert used <= known, words


def test_every_command_is_in_the_readme() -> None:
    """A command nobody is told of does not exist for its users."""
    assert {name for name in COMMANDS if f"rarl-eval {name}" not in README and f"make {name}" not in README} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that is there."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_make_target_of_the_readme_exists() -> None:
    """`make X` in the documentation is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"help", "demo", "test", "lint", "types", "check", "wheel", "bench", "site", "nightly", "clean"} <= targets
    for page in PAGES:
        assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)) <= targets, page
