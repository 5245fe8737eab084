"""Prompt styles: the same items asked with reasoning, without it, after worked examples, and what a run says of it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarl_eval import data, registry
from rarl_eval.data import styles
from rarl_eval.errors import BadInput
from rarl_eval.runs import store
from rarl_eval.types import Benchmark, Item

Cli = Callable[..., subprocess.CompletedProcess[str]]
FIXTURES = Path(__file__).parents[1] / "tasks" / "fixtures"


def loaded(name: str) -> Benchmark:
    return data.load(registry.tasks(name)[0], {name: str(FIXTURES / f"{name}.jsonl")})


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """Eight training rows of GSM8K's schema."""
    rows = [
        {"question": f"What is {n} + 1?", "answer": f"It is {n}+1=<<{n}+1={n + 1}>>{n + 1}.\n#### {n + 1}"}
        for n in range(8)
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_zero_shot_asks_for_the_answer_alone() -> None:
    """No request to reason is left, and the final form is the same that the verifier reads."""
    for name in ("gsm8k", "medqa", "finqa", "tatqa", "medcalc_bench", "financebench"):
        (asked,) = styles.in_style([loaded(name)], "zero-shot")
        assert styles.described(asked) == {"name": "zero-shot", "version": 1}
        for item in asked.items:
            (message,) = asked.task.prompt(item)
            assert item.question in message.content
            assert "step by step" not in message.content
    assert (
        "Answer: X"
        in styles.in_style([loaded("medqa")], "zero-shot")[0].task.prompt(loaded("medqa").items[0])[0].content
    )


def test_few_shot_shows_training_rows_at_fixed_places(train: Path) -> None:
    """Eight turns of question and worked answer, then the question; calculator annotations are left out."""
    before = loaded("gsm8k")
    (asked,) = styles.in_style([before], "few-shot", {"gsm8k/few-shot": str(train)})
    messages = asked.task.prompt(asked.items[0])
    assert [m.role for m in messages] == ["user", "assistant"] * 8 + ["user"]
    assert messages[1].content == "It is 0+1=1.\n\nThe answer is \\boxed{1}."
    assert messages[-1] == before.task.prompt(before.items[0])[0]
    told = styles.described(asked)
    assert (told["name"], told["shots"], told["origin"], styles.label(told)) == (
        "few-shot",
        8,
        str(train),
        "few-shot v1 (8)",
    )
    assert asked.fingerprint == before.fingerprint


def test_nobody_is_shown_the_answer_to_what_is_asked(train: Path) -> None:
    """An example that is the item itself is left out of its prompt."""
    task = registry.tasks("gsm8k")[0]
    (asked,) = styles.in_style([data.load(task, {"gsm8k": str(train)})], "few-shot", {"gsm8k/few-shot": str(train)})
    for item in asked.items:
        assert len(asked.task.prompt(item)) == 15


def test_examples_share_a_field_with_the_item(tmp_path: Path) -> None:
    """MMLU's examples are of the item's subject."""
    rows = [
        {"question": f"{subject} {n}?", "choices": ["a", "b", "c", "d"], "answer": n % 4, "subject": subject}
        for subject in ("anatomy", "college_medicine")
        for n in range(5)
    ]
    (tmp_path / "dev.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "test.jsonl").write_text(json.dumps({**rows[0], "question": "Which bone?"}) + "\n")
    task = registry.tasks("mmlu_medical")[0]
    test = data.load(task, {"mmlu_medical": str(tmp_path / "test.jsonl")})
    (asked,) = styles.in_style([test], "few-shot", {"mmlu_medical/few-shot": str(tmp_path / "dev.jsonl")})
    messages = asked.task.prompt(asked.items[0])
    assert [m.content.split("?")[0] for m in messages[::2]] == [*(f"anatomy {n}" for n in range(5)), "Which bone"]
    assert [m.content for m in messages[1::2]] == ["Answer: A", "Answer: B", "Answer: C", "Answer: D", "Answer: A"]


def test_too_few_examples_are_one_sentence(tmp_path: Path, train: Path) -> None:
    """Places that the rows do not have, styles that a task does not have."""
    short = tmp_path / "short.jsonl"
    short.write_text(train.read_text().split("\n")[0] + "\n")
    with pytest.raises(BadInput, match="holds 1 examples, the style few-shot shows place 8"):
        styles.in_style([loaded("gsm8k")], "few-shot", {"gsm8k/few-shot": str(short)})
    with pytest.raises(BadInput, match=r"--prompt-style few-shot: svamp cannot be asked so; svamp has cot, zero-shot"):
        styles.in_style([loaded("gsm8k"), loaded("svamp")], "few-shot")


def test_every_task_has_its_own_style_and_says_which_others() -> None:
    """Tasks whose answers are programs are asked for the program; all others for reasoning, or for the answer alone."""
    tasks = [t for t in registry.tasks("all") if not t.name.startswith("demo_")]
    assert {t.name for t in tasks if t.style == "zero-shot"} == {
        "bigcodebench", "healthbench", "humaneval", "humaneval_plus", "livecodebench", "mbpp", "mbpp_plus",
        "multipl_e_cpp", "multipl_e_go", "multipl_e_java", "multipl_e_js", "multipl_e_rs",
    }  # fmt: skip
    assert {t.name for t in tasks if "zero-shot" not in styles.styles_of(t)} == {"cruxeval_input", "cruxeval_output"}
    assert {t.name for t in tasks if t.shots} == {
        "aqua", "convfinqa", "finqa", "gsm8k", "hendrycks_math", "mbpp", "medcalc_bench", "medmcqa", "medqa",
        "mmlu_medical", "mmlu_pro", "tatqa",
    }  # fmt: skip
    for task in tasks:
        if task.shots:
            assert task.shots.source.split != task.source.split


def test_a_run_says_how_it_asked(cli: Cli, train: Path, tmp_path: Path) -> None:
    """Manifest, report, verify, show and --resume know the style; another style is another run."""
    source = ("--source", f"gsm8k={FIXTURES / 'gsm8k.jsonl'}", "--source", f"gsm8k/few-shot={train}")
    out = tmp_path / "run"
    common = ("run", "-t", "gsm8k", "-m", "echo:The answer is 5", "-o", out)
    done = cli(*common, *source, "--prompt-style", "few-shot")
    assert done.returncode == 0, done.stderr
    manifest = store.read_manifest(out)
    assert manifest["tasks"]["gsm8k"]["prompt_style"]["name"] == "few-shot"
    assert cli("report", "--run", out, "-o", tmp_path / "report").returncode == 0
    (row,) = json.loads((tmp_path / "report" / "report.json").read_text())["rows"]
    assert row["prompt_style"] == "few-shot v1 (8)"
    assert "few-shot v1" in (tmp_path / "report" / "report.md").read_text()
    done = cli("verify", out, *source[2:])
    assert done.returncode == 0, done.stdout
    done = cli(*common, *source[:2], "--resume")
    assert done.returncode == 2
    assert "another prompt" in done.stderr
    done = cli("run", "-t", "svamp", "-m", "echo:5", "-o", tmp_path / "x", "--prompt-style", "few-shot",
               "--source", f"svamp={FIXTURES / 'svamp.jsonl'}")  # fmt: skip
    assert done.returncode == 2
    assert not (tmp_path / "x").exists()


def test_recorded_outputs_have_no_known_style(cli: Cli, tmp_path: Path) -> None:
    """What another harness asked is not guessed."""
    (tmp_path / "o.jsonl").write_text(json.dumps({"id": "0", "text": "The answer is 5"}) + "\n")
    source = f"gsm8k={FIXTURES / 'gsm8k.jsonl'}"
    done = cli("score", tmp_path / "o.jsonl", "-t", "gsm8k", "--source", source, "--trust-ids", "-o", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert store.read_manifest(tmp_path / "run")["tasks"]["gsm8k"]["prompt_style"] is None
    assert styles.label(None) is None


@pytest.mark.parametrize("name", ["gsm8k", "tatqa", "mbpp"])
def test_examples_of_real_splits(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples load from the folder of real data, and none of them is among the items asked."""
    monkeypatch.setenv("RARL_EVAL_DATA", str(shared))
    task = registry.tasks(name)[0]
    benchmark = data.load(task)
    (asked,) = styles.in_style([benchmark], "few-shot")
    assert task.shots is not None
    counts = {len(asked.task.prompt(item)) for item in asked.items}
    assert counts == {2 * len(task.shots.places) + 1}


WHICH = {"question": "Which organ makes insulin?", "gold": "B", "choices": ("Liver", "Pancreas", "Spleen", "Kidney")}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"choices": ("Pancreas", "Kidney", "Liver", "Spleen"), "gold": "A"}, True),
        ({"choices": ("(a) kidney", "(b) spleen", "(c) pancreas", "(d) liver"), "gold": "C"}, True),
        ({"question": "which organ  makes insulin"}, True),
        ({"choices": ("Pancreas", "Liver"), "gold": "A"}, True),
        ({"choices": (), "gold": "pancreas"}, True),
        ({"choices": ("Heart", "Pancreas", "Lung", "Skin")}, True),
        ({"choices": ("Heart", "Thyroid", "Lung", "Skin")}, False),
        ({"context": "Of a fish."}, False),
        ({"question": "Which organ makes bile?"}, False),
    ],
)
def test_a_question_is_the_same_whatever_the_order_of_its_options(change: dict[str, Any], same: bool) -> None:
    """Order, letters, case and punctuation make no other question; another right answer among other options does."""
    one, other = Item(id="1", **WHICH), Item(id="2", **{**WHICH, **change})
    assert (styles.same_question(one, other), styles.same_question(other, one)) == (same, same)


@pytest.mark.parametrize(
    ("one", "other"), [("What is 2 + 3?", "What is 2 - 3?"), ("1.5 of 4", "15 of 4"), ("x = -3", "x = 3")]
)
def test_signs_and_points_make_another_question(one: str, other: str) -> None:
    """Punctuation is passed over, not what numbers are made of."""
    assert not styles.same_question(Item(id="1", question=one, gold="1"), Item(id="2", question=other, gold="1"))


def test_a_training_row_with_other_order_of_options_is_not_shown(tmp_path: Path) -> None:
    """The answer to what is asked stands in no example."""
    options = {"A": "Liver", "B": "Pancreas", "C": "Spleen", "D": "Kidney"}
    turned = {"A": "Pancreas", "B": "Kidney", "C": "Liver", "D": "Spleen"}
    rows = [
        {"question": f"Which organ makes enzyme {n}?", "options": options, "answer_idx": "A", "answer": "Liver"}
        for n in range(4)
    ]
    asked = {"question": "Which organ makes insulin?", "options": options, "answer_idx": "B", "answer": "Pancreas"}
    again = {**asked, "options": turned, "answer_idx": "A"}
    for name, content in (("test", [asked]), ("train", [again, *rows])):
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps({"realidx": i, **r}) + "\n" for i, r in enumerate(content))
        )
    sources = {"medqa": str(tmp_path / "test.jsonl"), "medqa/few-shot": str(tmp_path / "train.jsonl")}
    benchmark = data.load(registry.tasks("medqa")[0], sources)
    (shown,) = styles.in_style([benchmark], "few-shot", sources)
    turns = shown.task.prompt(shown.items[0])
    assert [turn.role for turn in turns] == ["user", "assistant"] * 4 + ["user"]
    assert sum("insulin" in turn.content for turn in turns) == 1
