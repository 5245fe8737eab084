"""The verbs for Python: docs/api.md is run as it is written."""

import doctest
from pathlib import Path

import pytest

from rarl_eval import api
from rarl_eval.commands import examples
from rarl_eval.errors import BadInput

PAGE = Path(__file__).parents[1] / "docs/api.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``rarl-eval examples`` writes, as the working directory."""
    examples.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RARL_EVAL_DATA", raising=False)


@pytest.mark.usefixtures("folder")
def test_every_example_of_the_page_gives_what_it_shows() -> None:
    """The page's examples run one after another, and each value is the one shown."""
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 12
    assert not failed


def test_the_page_names_every_verb() -> None:
    """What the module offers is used on the page, but for ``load``, which the others call."""
    text = PAGE.read_text("utf-8")
    assert not [name for name in api.__all__ if name != "load" and f"api.{name}(" not in text]


def test_a_model_with_two_runs_of_a_task_has_no_one_belief() -> None:
    """Two rows of one model and task are not silently one."""
    rows = [{"model": "m", "task": "t", "belief": {"verdict": "unchecked", "value": None, "source": "nothing"}}] * 2
    with pytest.raises(BadInput, match="m has t in several runs"):
        api.belief({"rows": rows})
