"""Pages of watched trainings: what they show, what they may not obey, and where they are linked from."""

import json
from pathlib import Path
from typing import Any

import dumped
import pytest
from click.testing import CliRunner

from rarl_eval.commands.training import command
from rarl_eval.errors import BadInput
from rarl_eval.leaderboards.lines import Mark, StepLine, over_steps
from rarl_eval.site import build_site, build_trainings
from tests.leaderboards import runs


def watched(folder: Path, steps: int = 26, hole_from: int | None = 22, *more: str) -> Path:
    dump = dumped.write_training(folder / "dump", steps, hole_from)
    arguments = [str(dump), "--verify", "number", "--out", str(folder / "watched"), *more]
    CliRunner().invoke(command, arguments, standalone_mode=False)
    return folder / "watched"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that the command itself writes."""
    folder = tmp_path_factory.mktemp("training")
    watched(folder, 30, 22, "--site", str(folder / "pages"))
    return folder / "pages"


def test_the_command_writes_pages_of_the_training(site: Path) -> None:
    """The index leads to the training, which shows alarm, drawings with the onset, findings and each step."""
    assert '<a href="trainings/watched.html">' in (site / "index.html").read_text()
    page = (site / "trainings/watched.html").read_text()
    assert "The reward stopped paying for what is true" in page
    assert page.count("<svg") == 5
    assert page.count('class="at alarm"') == 2
    assert "several boxes with different contents" in page
    assert '<a href="watched/step-30.html">30</a>' in page
    rows = json.loads((site / "data/trainings/watched.json").read_text())
    assert [row["step"] for row in rows] == list(range(1, 31))
    assert rows[0]["false_pass"] == 0.0


def test_each_step_shows_its_rollouts(site: Path) -> None:
    """36 rollouts, each with truth, reward, text and what was asked; the neighbours are linked."""
    page = (site / "trainings/watched/step-25.html").read_text()
    assert page.count('<details class="answer">') == 36
    assert page.count('<span class="verdict bad">false</span>') + page.count(">true</span>") == 36
    assert "What was asked" in page
    assert 'href="step-24.html" rel="prev"' in page
    assert 'href="step-26.html" rel="next"' in page


def test_rollouts_stay_text(tmp_path: Path) -> None:
    """What a model writes to become more than text is escaped, on the training's page and on its steps'."""
    rows = [
        {"input": "user\nWhat is 1 plus 1?\nassistant\n", "gts": "2", "step": step, "score": 1.0,
         "output": f"{text} \\boxed{{2}} \\boxed{{3}}"}
        for step in range(1, 31) for text in runs.HOSTILE[:12]
    ]  # fmt: skip
    (tmp_path / "1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = [str(tmp_path / "1.jsonl"), "--verify", "number", "--out", str(tmp_path / "w")]
    CliRunner().invoke(command, [*arguments, "--site", str(tmp_path / "pages")], standalone_mode=False)
    for page in (tmp_path / "pages").rglob("*.html"):
        text = page.read_text()
        assert "<img src=x" not in text
        assert "<iframe" not in text
        assert text.count("<script") == 3, page
        assert "\u202e" not in text


def test_a_training_without_its_store_has_no_steps(tmp_path: Path) -> None:
    """Only training.json was kept: figures and findings are there, rollouts are not."""
    (watched(tmp_path) / "watched.sqlite").unlink()
    build_trainings([f"m={tmp_path / 'watched'}"], tmp_path / "site", say=lambda _: None)
    assert '<th scope="row">26</th>' in (tmp_path / "site/trainings/m.html").read_text()
    assert not (tmp_path / "site/trainings/m").exists()


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    """One sentence, and nothing is written."""
    (watched(tmp_path) / "watched.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(BadInput, match="no file of a watched training"):
        build_trainings([f"m={tmp_path / 'watched'}"], tmp_path / "site", say=lambda _: None)
    assert not (tmp_path / "site").exists()


def test_long_trainings_show_some_of_their_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first, the last and evenly chosen ones between; the downloads hold all."""
    monkeypatch.setattr("rarl_eval.leaderboards.trainings.MOST_STEPS", 6)
    build_trainings([f"m={watched(tmp_path)}"], tmp_path / "site", say=lambda _: None)
    assert sorted(p.stem for p in (tmp_path / "site/trainings/m").iterdir()) == [
        "step-1", "step-11", "step-16", "step-21", "step-26", "step-6",
    ]  # fmt: skip
    assert "6 of 26 steps, evenly chosen" in (tmp_path / "site/trainings/m.html").read_text()
    assert len(json.loads((tmp_path / "site/data/trainings/m.json").read_text())) == 26


def test_a_board_links_its_models_trainings(tmp_path: Path) -> None:
    """From the head of the site, and from the page of the model; two of one model are told apart."""
    made, folder = runs.made(tmp_path), watched(tmp_path)
    given = [f"poor={folder}", f"poor={folder}", f"elsewhere={folder}"]
    build_site(made["reports"], tmp_path / "site", trainings=given, say=lambda _: None)
    assert '<a href="trainings.html">Trainings</a>' in (tmp_path / "site/index.html").read_text()
    assert 'href="../trainings/poor.html"' not in (tmp_path / "site/models/good.html").read_text()
    pages = sorted(p.name for p in (tmp_path / "site/trainings").glob("*.html"))
    assert len(pages) == 3
    poor = (tmp_path / "site/models/poor.html").read_text()
    assert poor.count(">Its training</a>") == 2
    assert 'href="../models/poor.html"' in (tmp_path / "site/trainings" / pages[1]).read_text()


def test_a_model_page_says_why_to_believe_it(tmp_path: Path) -> None:
    """Each check with its state and its sentence."""
    made = runs.made(tmp_path)
    build_site(made["reports"], tmp_path / "site", say=lambda _: None)
    page = (tmp_path / "site/models/good.html").read_text()
    for name in ("contamination", "reading", "judge", "completeness", "noise", "provenance", "reward", "length"):
        assert f"<dt>{name} <span" in page


def drawing(values: list[float | None], **more: Any) -> str:
    line = StepLine("truth", values, more.get("low", ()), more.get("high", ()))
    return str(over_steps("t", list(range(1, len(values) + 1)), [line], more.get("marks", []), str))


def test_a_line_breaks_where_its_figure_is_unknown() -> None:
    """Two stretches are two paths, a single step is a dot, and a band reaches where both bounds are known."""
    drawn = drawing([0.0, 1.0, None, 0.5], low=[0.0, 0.0, None, 0.0], high=[1.0, 1.0, None, None])
    (path,) = (part.partition('"')[0] for part in drawn.split('class="line l0" d="')[1:])
    assert path.count("M") == 2
    assert path.endswith("h0")
    (band,) = (part.partition('"')[0] for part in drawn.split('class="band" d="')[1:])
    assert band.count("M") == 1


def test_steps_are_marked_inside_the_drawing_alone() -> None:
    """An alarm at a step that is drawn has a line and a name; one beyond has none."""
    marks = [Mark(2, "alarm 2", "alarm"), Mark(9, "alarm 9", "alarm")]
    drawn = drawing([0.1, 0.2, 0.3], marks=marks)
    assert drawn.count('class="at alarm"') == 1
    assert "alarm 9" not in drawn


@pytest.mark.parametrize("values", [[], [0.5], [None, None]])
def test_what_has_no_two_steps_or_no_figure_is_not_drawn(values: list[float | None]) -> None:
    """Nothing rather than an empty frame."""
    assert drawing(values) == ""


def test_equal_values_are_drawn_in_the_middle() -> None:
    """A constant has an axis around it."""
    assert "nan" not in drawing([0.5, 0.5, 0.5])
    assert "inf" not in drawing([0.0, 0.0])


def test_the_store_is_only_read(tmp_path: Path) -> None:
    """Building pages twice gives the same bytes and leaves the store as it was."""
    folder = watched(tmp_path)
    before = (folder / "watched.sqlite").read_bytes()
    for name in ("a", "b"):
        build_trainings([f"m={folder}"], tmp_path / name, say=lambda _: None)
    assert (folder / "watched.sqlite").read_bytes() == before
    for page in (tmp_path / "a").rglob("*.html"):
        assert page.read_bytes() == (tmp_path / "b" / page.relative_to(tmp_path / "a")).read_bytes()
