"""Logs in the layouts that other programs publish: recognised by content, and everything that their rows say is read."""

import shutil
from pathlib import Path

import pytest
from published import MAKERS, MODEL, Answered, lines, prompt

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.importers import Fields, Output, read_log
from rarl_eval.importers.folders import open_logs
from rarl_eval.importers.formats import FORMATS
from rarl_eval.runs import store
from rarl_eval.score import score
from rarl_eval.types import Benchmark


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    return data.load(registry.tasks("demo_math")[0])


@pytest.fixture(scope="module")
def answers(benchmark: Benchmark) -> list[Answered]:
    """Three answers: right, wrong, and cut off inside the thinking."""
    first, second, third = benchmark.items[:3]
    return [
        Answered("0", first.question, first.gold, f"So it is \\boxed{{{first.gold}}}.", True, "Let me think: 7?"),
        Answered("1", second.question, second.gold, "That is \\boxed{-12345}.", False, "Hm."),
        Answered("2", third.question, third.gold, "First, we", False, None, 20, "length"),
    ]


def read(form: str, folder: Path, answers: list[Answered]) -> list[Output]:
    """Outputs of a layout, in order of the questions."""
    made = MAKERS[form](folder, answers)
    logs = open_logs([made]).logs
    assert {log.harness for log in logs.values()} == {form}
    assert [log.unread for log in logs.values()] == [[]] * len(logs)
    found = [output for log in logs.values() for output in log.outputs]
    place = {one.text: n for n, one in enumerate(answers)}
    return sorted(found, key=lambda output: place[output.text])


LACKS = {
    "openai-batch": "question gold score",
    "anthropic-batch": "question gold score",
    "evalscope": "question",
    "evalscope-reviews": "question reasoning tokens stop",
    "evalscope-0": "reasoning",
    "helm-display": "reasoning tokens stop",
    "matharena": "stop",
    "matharena-table": "reasoning stop",
    "opencompass": "question reasoning stop",
    "opencompass-details": "question reasoning tokens stop",
    "livecodebench": "gold reasoning tokens stop",
    "lighteval-old": "question reasoning stop",
    "simple-evals": "question reasoning tokens stop",
    "alpaca-eval": "gold score reasoning tokens stop",
    "alpaca-eval-annotations": "gold reasoning tokens stop",
    "messages": "question score reasoning tokens stop",
}
"""What a layout has no place for. A prompt holds the question where no field states it alone."""
PLAIN = [form for form in MAKERS if form != "rewardbench"]
"""Formats whose every text is a model's answer to a question; RewardBench's are two, and unnamed."""


@pytest.mark.parametrize("form", PLAIN)
def test_all_that_a_row_says_is_read(form: str, answers: list[Answered], tmp_path: Path) -> None:
    """Text, question, gold, score, reasoning, tokens, finish reason and model are the log's."""
    outputs = read(form, tmp_path, answers)
    lacks = set(LACKS.get(form, "").split())
    each = len(outputs) // len(answers)
    for output, one in zip(outputs, [one for one in answers for _ in range(each)], strict=True):
        assert output.text == one.text
        assert one.question in (output.question or output.prompt or "")
        assert output.question == (None if "question" in lacks else one.question)
        assert output.gold == (None if "gold" in lacks else one.gold)
        assert ("score" in lacks) == (output.scores == {})
        assert next(iter(output.scores.values()), float(one.right)) == float(one.right)
        assert output.reasoning == (None if "reasoning" in lacks else one.reasoning)
        assert output.tokens.completion == (None if "tokens" in lacks else one.tokens)
        assert output.stop == (None if "stop" in lacks else {"stop": "end", "length": "length"}[one.stop])
        assert output.model in {MODEL, "acme-thinker", "thinker", None if form == "nemo-skills" else MODEL}
        assert output.error is None


@pytest.mark.parametrize("form", PLAIN)
def test_a_log_becomes_a_run(form: str, answers: list[Answered], benchmark: Benchmark, tmp_path: Path) -> None:
    """Scored as a user does, each answer reaches its item and gets its verdict; the log's own score agrees."""
    done = score([MAKERS[form](tmp_path / "log", answers)], benchmark, tmp_path / "run", model="m")
    verdicts = {r.trace.item_id: r.verdict.correct for r in store.read_run(tmp_path / "run").records if r.verdict}
    assert verdicts == {item.id: one.right for item, one in zip(benchmark.items[:3], answers, strict=True)}
    assert done.harnesses == (form,)
    for compared in done.comparisons:
        assert (compared.only_theirs, compared.only_ours) == (0, 0) or "tokens" in compared.score


@pytest.mark.parametrize("form", MAKERS)
def test_a_folder_is_the_same_log(form: str, answers: list[Answered], tmp_path: Path) -> None:
    """Given the whole folder, no output is read twice, and what only adds to a log is no log of its own."""
    made = MAKERS[form](tmp_path, answers)
    named, whole = open_logs([made]), open_logs([tmp_path])
    assert sum(len(list(log.outputs)) for log in whole.logs.values()) == sum(
        len(list(log.outputs)) for log in named.logs.values()
    )


@pytest.mark.parametrize("form", MAKERS)
def test_a_name_says_nothing(form: str, answers: list[Answered], tmp_path: Path) -> None:
    """Under another name, away from its folder, a file is recognised by what it holds, and another format is refused."""
    made = MAKERS[form](tmp_path, answers)
    file = next(iter(open_logs([made]).logs))
    copy = tmp_path / "elsewhere" / f"x{file.suffix}"
    copy.parent.mkdir()
    shutil.copyfile(file, copy)
    assert read_log(copy).harness == form
    assert read_log(copy, form).harness == form
    other = next(name for name in FORMATS if name != form)
    with pytest.raises(BadInput, match=r"x\..* is no "):
        read_log(copy, other)


def test_rewardbench_gives_two_texts_with_rewards(
    answers: list[Answered], benchmark: Benchmark, tmp_path: Path
) -> None:
    """The preferred and the rejected text of a prompt are samples of one item, with the reward model's scores."""
    done = score([MAKERS["rewardbench"](tmp_path / "log", answers)], benchmark, tmp_path / "run")
    records = store.read_run(tmp_path / "run").records
    assert [(r.trace.item_id, r.trace.sample, r.verdict.correct) for r in records if r.verdict] == [
        ("math-00", 0, True),
        ("math-00", 1, False),
    ]
    assert [r.trace.text for r in records] == [answers[0].text, "It is \\boxed{-1}."]
    assert [[x.score for x in r.rewards if x.name == "acme/rm"] for r in records] == [[1.5], [-0.5]]
    assert [(c.score, c.compared, c.only_theirs, c.only_ours) for c in done.comparisons] == [("chosen", 2, 0, 0)]


def test_every_format_has_a_maker_and_a_name() -> None:
    """A reader without a published layout here is not tested; one without an entry cannot be named."""
    assert set(MAKERS) == set(FORMATS)
    assert set(FORMATS) <= set(registry.owners("importers"))
    for name, form in FORMATS.items():
        assert registry.load("importers", name) is form


def test_a_folder_without_logs_says_so(tmp_path: Path) -> None:
    """An empty folder, and one of other things, are refused with what was looked at."""
    (tmp_path / "notes.md").write_text("hello")
    with pytest.raises(BadInput, match=r"holds no log \(0 files looked at\)"):
        open_logs([tmp_path])
    (tmp_path / "config.json").write_text("[1, 2]")
    with pytest.raises(BadInput, match=r"holds no log \(1 files looked at\); .*expected a list of objects"):
        open_logs([tmp_path])


def test_what_else_lies_in_a_folder_is_named(answers: list[Answered], tmp_path: Path) -> None:
    """Rows of no known program beside a log are left out, and said."""
    MAKERS["helm"](tmp_path, answers)
    opened = open_logs([tmp_path])
    assert [file.name for file in opened.logs] == ["scenario_state.json"]
    assert [Path(one.where).name for one in opened.left_out] == ["instances.json", "run_spec.json"]
    assert prompt(answers[0]).startswith("Solve")


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (None, ["exact_match,strict", "exact_match,flexible"]),
        ("flexible", ["exact_match,flexible", "exact_match,strict"]),
        ("exact_match,strict", ["exact_match,strict", "exact_match,flexible"]),
    ],
)
def test_one_filter_is_the_headline(
    wanted: str | None, order: list[str], answers: list[Answered], benchmark: Benchmark, tmp_path: Path
) -> None:
    """The one that the user names, else the benchmark's own first; the others are kept behind it."""
    rows = [
        {"doc_id": n, "doc": {"question": one.question}, "target": one.gold, "resps": [[one.text]], "filter": name,
         "filtered_resps": [one.text], "metrics": ["exact_match"], "exact_match": float(one.right)}
        for name in ("strict", "flexible")
        for n, one in enumerate(answers)
    ]  # fmt: skip
    log = lines(tmp_path / "s.jsonl", rows)
    done = score([log], benchmark, tmp_path / "run", fields=Fields(filter=wanted))
    assert [c.score for c in done.comparisons] == order
    assert [c.headline for c in done.comparisons] == [True, False]
    with pytest.raises(BadInput, match="no score has the filter 'lax'; there are: exact_match,flexible, exact_match,"):
        score([log], benchmark, tmp_path / "other", fields=Fields(filter="lax"))
    assert not (tmp_path / "other").exists()


def test_logs_of_other_tasks_in_a_folder_are_left_out(
    answers: list[Answered], benchmark: Benchmark, tmp_path: Path
) -> None:
    """Of a folder with several tasks only the logs that answer this one are scored; the others are named."""
    MAKERS["evalscope"](tmp_path / "log", answers)
    other = [one._replace(question=f"Which colour has fruit number {n} of the seven in the bowl over there?")
             for n, one in enumerate(answers)]  # fmt: skip
    MAKERS["evalscope-reviews"](tmp_path / "log" / "other", other)
    scored = {"doc_id": 0, "doc": {"question": "Q"}, "resps": [[["-1.0", "False"]]], "filter": "none",
              "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " A"}}}  # fmt: skip
    lines(tmp_path / "log" / "samples_mmlu.jsonl", [scored])
    done = score([tmp_path / "log"], benchmark, tmp_path / "run", model="m")
    assert (done.matched, done.rows) == (3, 3)
    assert [(Path(one.where).name, one.reason.partition(" of it")[0][-22:]) for one in done.left_out] == [
        ("samples_mmlu.jsonl", "is it a generation task?"[-22:]),
        ("gsm8k_main.jsonl", "no row"),
    ]
