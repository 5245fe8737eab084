"""A part of a benchmark is named behind an @: releases by their files, spans by the items' dates."""

import json
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput, RarlEvalError

DATES = ("2024-12-31", "2025-01-01", "2025-02-28", "2025-05-31", "2025-06-01")


@pytest.fixture
def rows(tmp_path: Path) -> str:
    """One problem of each date."""
    path = tmp_path / "problems.jsonl"
    common = {"starter_code": "", "difficulty": "easy", "platform": "x", "metadata": "{}", "private_test_cases": "[]"}
    lines = [
        {**common, "question_id": day, "question_content": day, "contest_date": f"{day}T10:00:00", "public_test_cases": "[]"}
        for day in DATES
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, lines)))
    return str(path)


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ("2025-01:2025-05", DATES[1:4]),
        ("2025-01-01:2025-02", DATES[1:3]),
        ("2025-02:", DATES[2:]),
        (":2024-12", DATES[:1]),
        ("2025-06-01:2025-06-01", DATES[4:]),
    ],
)
def test_a_span_of_dates_holds_both_its_ends(rows, window, found):
    """A month is whole, a day is itself, an end left out is none; the benchmark's own file serves every span."""
    (task,) = registry.tasks(f"livecodebench@{window}")
    for given in ("livecodebench", task.name):
        assert tuple(item.id for item in data.load(task, {given: rows}).items) == found
    assert registry.task(task.name).name == f"livecodebench@{window}"


@pytest.mark.parametrize(
    ("window", "files"),
    [
        ("v1", ("test.jsonl",)),
        ("v6", ("test6.jsonl",)),
        ("v4_v6", ("test4.jsonl", "test5.jsonl", "test6.jsonl")),
        ("release_v2", ("test.jsonl", "test2.jsonl")),
    ],
)
def test_a_release_is_its_files(rows, window, files):
    """What a release added is a file; given one of its own, all of its rows are read."""
    (task,) = registry.tasks(f"livecodebench@{window}")
    assert task.source.files == files
    assert len(data.load(task, {task.name: rows}).items) == len(DATES)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("livecodebench@v7", "there are releases 1 to 6"),
        ("livecodebench@v0", "there are releases 1 to 6"),
        ("livecodebench@v5_v4", "there are releases 1 to 6"),
        ("livecodebench@2025-13:2025-14", "'2025-13' is no date"),
        ("livecodebench@2025-02-30:", "which has 28"),
        ("livecodebench@2025-05:2025-01", "begins on 2025-05-01, after its end on 2025-01-31"),
        ("livecodebench@latest", "is no release"),
        ("livecodebench@", "is no release"),
        ("livecodebench@:", "is no release"),
        ("gsm8k@v1", "gsm8k has no parts"),
        ("livecodebenhc@v6", "no task is called"),
    ],
)
def test_a_window_that_is_none_is_told(name, told):
    """One sentence says what is wrong with it and what there is."""
    with pytest.raises(RarlEvalError, match=told):
        registry.tasks(name)


def test_rows_do_not_tell_their_release(rows):
    """A file of the whole benchmark is refused for a release, and an empty span is an error."""
    with pytest.raises(BadInput, match="its rows do not tell which are of v6"):
        data.load(registry.task("livecodebench@v6"), {"livecodebench": rows})
    with pytest.raises(BadInput, match="holds no item of livecodebench@2030-01:"):
        data.load(registry.task("livecodebench@2030-01:"), {"livecodebench": rows})


def test_a_window_is_a_task_of_the_command_line(cli, rows, tmp_path):
    """Every command takes the name: asked, and shown under it."""
    name = "livecodebench@2025-01:2025-05"
    done = cli("run", "-t", name, "--source", f"livecodebench={rows}", "-m", "echo:none", "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    checked = cli("verify", tmp_path / "run", "--source", f"livecodebench={rows}")
    assert checked.returncode == 0, checked.stdout
    shown = cli("show", tmp_path / "run", "--json")
    assert [task["task"] for task in json.loads(shown.stdout)["tasks"]] == [name]
    report = cli("report", "--run", tmp_path / "run", "-o", tmp_path / "report")
    assert report.returncode == 0, report.stderr
    assert name in (tmp_path / "report" / "report.md").read_text()


def test_a_part_is_held_to_no_number_of_the_whole() -> None:
    """The number of a whole benchmark's items says nothing of its releases and spans of dates."""
    (whole,) = registry.tasks("livecodebench")
    assert [known.items for known in whole.source.known] == [1055]
    for name in ("livecodebench@v6", "livecodebench@2025-01:2025-05"):
        (part,) = registry.tasks(name)
        assert part.source.known == ()
