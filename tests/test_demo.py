"""The demo: its data is what its generator writes, and its report finds what was planted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data
from rarl_eval.demo import demo
from rarl_eval.errors import BadInput
from rarl_eval.scan import read_scan
from rarl_eval.tasks.embedded import make
from rarl_eval.tasks.embedded.problems import problems


def test_the_embedded_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    """Regenerating gives the shipped bytes."""
    make.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == data.embedded(path.name).read_bytes(), path.name
    assert len(list(tmp_path.iterdir())) == 8


def test_the_items_are_thirty_a_domain_and_all_different() -> None:
    """120 items, no two alike, with a wrong answer that differs from the right one."""
    items = list(problems(make.SEED))
    assert len({str(p.row) for p in items}) == len(items) == 120
    assert all(p.right != p.wrong for p in items)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo(folder / "demo", folder / "site", lambda _: None)
    return folder


def test_the_scan_flags_exactly_what_was_planted(made: Path) -> None:
    """Every planted item is flagged, texts with other numbers are variants, and nothing else is found."""
    levels = {(i.task, i.id): i for i in read_scan(made / "demo" / "scan").items.values()}
    for problem in problems(make.SEED):
        found, planted = levels[f"demo_{problem.domain}", problem.id], make.planted(problem)
        assert (found.status == "flagged") is (planted in {"exact", "near"}), problem.id
        if problem.domain != "code":
            assert found.level == planted, problem.id


def rows(made: Path) -> dict[tuple[str, str], dict[str, Any]]:
    report = json.loads((made / "demo" / "report" / "report.json").read_text())
    assert (report["schema"], report["synthetic"]) == (1, True)
    return {(r["model"], r["task"]): r for r in report["rows"]}


def test_the_report_tells_the_memoriser_from_the_careful(made: Path) -> None:
    """Every column has something in it, and the leak shows as gain for the model that used it alone."""
    found = rows(made)
    assert len(found) == 12
    for (model, _), row in found.items():
        assert {"n", "accuracy", "clean", "flagged", "unscanned", "gain", "length", "agreement", "stops"} <= row.keys()
        assert (row["n"], row["clean"]["n"], row["flagged"]["n"], row["unscanned"]["n"]) == (30, 20, 10, 0)
        assert {a["reward"] for a in row["agreement"]} == {"format", "brevity", "demo-scorer", "demo-judge"}
        assert row["length"]["unit"] == "tokens"
        assert (row["gain"]["low"] > 0) == (model == "demo-memoriser"), row
    assert found["demo-rambler", "demo_math"]["stops"]["length"] > 0
    assert sum(r["errors"] for r in found.values()) > 0


def test_the_demo_overwrites_nothing(made: Path) -> None:
    """A folder that holds something is refused."""
    with pytest.raises(BadInput, match="no empty folder"):
        demo(made / "demo", made / "site", lambda _: None)


def test_the_command_says_what_is_synthetic(cli: Callable[..., Any], tmp_path: Path) -> None:
    """The output ends with what was made up and where the site is."""
    done = cli("demo", "--out", tmp_path / "d", "--site", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    assert "Everything above is synthetic: 120 generated items, 1080 generated answers" in done.stdout
    assert (tmp_path / "s" / "index.html").is_file()
