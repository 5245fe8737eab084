"""Generation tasks of the real lm-eval, from a task file with local rows: its prompts, its score, our columns."""

import json
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Request
from rarl_eval.report.build import build_report
from rarl_eval.run import Settings, run
from rarl_eval.runs import store

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

ROWS = [{"q": f"What is {n} plus {n}?", "a": str(2 * n)} for n in range(1, 7)]

GENERATION = """
task: made_sums
dataset_path: json
dataset_kwargs: {{data_files: {{train: {folder}/train.jsonl, test: {folder}/test.jsonl}}}}
output_type: generate_until
training_split: train
test_split: test
fewshot_split: train
num_fewshot: 2
doc_to_text: "Q: {{{{q}}}}\\nA:"
doc_to_target: "{{{{a}}}}"
generation_kwargs: {{until: ["\\n"], do_sample: false}}
filter_list:
  - name: number
    filter:
      - {{function: regex, regex_pattern: "(-?[0-9]+)"}}
      - {{function: take_first}}
metric_list:
  - {{metric: {metric}, aggregation: mean, higher_is_better: true}}
metadata: {{version: 2.0}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pytest.importorskip("lm_eval", reason="lm-eval is not installed; make test-heavy installs it")
    for name, rows in (("train", ROWS[:3]), ("test", ROWS[3:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def written(folder: Path, metric: str = "exact_match", **changed: str) -> str:
    text = GENERATION.format(folder=folder, metric=metric)
    for old, new in changed.items():
        text = text.replace(old, new)
    (folder / "half.py").write_text("def half(references, predictions, **_):\n    return 0.5\n")
    path = folder / "made.yaml"
    path.write_text(text)
    return f"lm-eval:{path}"


class Answers:
    """A model that gets every second item wrong."""

    def describe(self) -> dict[str, str]:
        return {"adapter": "made", "name": "made"}

    def close(self) -> None:
        pass

    def generate(self, requests):
        for n, request in enumerate(list(requests)):
            number = int(request.messages[-1].content.rpartition("What is ")[2].split()[0])
            told = 2 * number + n % 2
            yield self.completion(request, f" It is {told}.\nQ: What is 9 plus 9?\nA: 18")

    @staticmethod
    def completion(request: Request, text: str) -> Completion:
        return Completion(request=request, text=text, stop="end")


def test_its_prompts_and_its_score(folder: Path, tmp_path: Path) -> None:
    """Two examples before each question, the answer cut at the stop string, exact match as the verdict."""
    (task,) = registry.tasks(written(folder))
    benchmark = data.load(task)
    assert [item.gold for item in benchmark.items] == ["8", "10", "12"]
    assert benchmark.items[0].question == "Q: What is 4 plus 4?\nA:"
    (message,) = task.prompt(benchmark.items[0])
    assert message.content.count("Q: ") == 3
    assert message.content.endswith("Q: What is 4 plus 4?\nA:")
    assert data.load(task).fingerprint == benchmark.fingerprint
    assert [data.load(task).items[n].meta for n in range(3)] == [item.meta for item in benchmark.items]
    assert task.version == 2
    run([benchmark], Answers(), tmp_path / "run", Settings())  # type: ignore[arg-type]
    records = store.read_run(tmp_path / "run").records
    assert [r.verdict.status for r in records if r.verdict] == ["correct", "incorrect", "correct"]
    assert {r.verdict.judge for r in records if r.verdict} == {"score:exact_match,number"}
    assert records[1].verdict is not None
    assert records[1].verdict.extracted == "11"
    (row,) = build_report([store.read_run(tmp_path / "run")])["rows"]
    assert row["accuracy"]["value"] == pytest.approx(2 / 3)
    assert row["scores"][0]["name"] == "exact_match,number"
    assert row["length"]["n"] == 3


def test_the_score_is_lm_evals(folder: Path) -> None:
    """The same answers through lm-eval's own evaluator give the same mean."""
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    name = written(folder)
    (task,) = registry.tasks(name)
    items = data.load(task).items
    texts = {task.prompt(item)[0].content: f" It is {item.gold if n else 7}." for n, item in enumerate(items)}

    class Told(LM):
        def generate_until(self, requests, disable_tqdm=False):
            return [texts[request.args[0]] for request in requests]

        def loglikelihood(self, requests):
            raise NotImplementedError

        def loglikelihood_rolling(self, requests):
            raise NotImplementedError

    found = simple_evaluate(
        model=Told(),
        tasks=[name.removeprefix("lm-eval:")],
        task_manager=TaskManager(include_defaults=False),
        bootstrap_iters=0,
    )
    theirs = found["results"]["made_sums"]["exact_match,number"]
    ours = [task.verify(item, texts[task.prompt(item)[0].content]).correct for item in items]
    assert ours == [False, True, True]
    assert theirs == pytest.approx(2 / 3)


def test_a_graded_metric_is_neither_right_nor_wrong(folder: Path) -> None:
    """A score between 0 and 1 leaves the answer unjudged and stands as the task's own score."""
    (task,) = registry.tasks(written(folder, "half", **{"metric: half": "metric: !function half.half"}))
    item = data.load(task).items[1]
    verdict = task.verify(item, "It is 1.")
    assert (verdict.status, verdict.reason) == ("unjudged", "half,number is 0.5: neither right nor wrong")
    assert task.score is not None
    assert task.score(item, "It is 1.") == {"score:half,number": 0.5}


def test_what_cannot_run_is_one_sentence(folder: Path) -> None:
    """No such task, no such file, log-likelihoods, rows that cannot be read."""
    with pytest.raises(BadInput, match="lm-eval has no such task"):
        registry.tasks("lm-eval:no_such_task_here")
    with pytest.raises(BadInput, match="there is no such file"):
        registry.tasks("lm-eval:./nowhere.yaml")
    (folder / "test.jsonl").unlink()
    with pytest.raises(BadInput, match="could not be loaded"):
        registry.tasks(written(folder))


def test_log_likelihoods_are_refused(folder: Path) -> None:
    """A multiple-choice task compares log-likelihoods: it has no answer to look at."""
    name = written(folder, "acc", **{"output_type: generate_until": "output_type: multiple_choice"})
    text = (folder / "made.yaml").read_text()
    text = (
        text.split("doc_to_target")[0]
        + "doc_to_target: 0\n"
        + 'doc_to_choice: ["8", "9"]\nmetric_list:\n  - {metric: acc, aggregation: mean, higher_is_better: true}\n'
    )
    (folder / "made.yaml").write_text(text)
    with pytest.raises(BadInput, match="compares log-likelihoods"):
        registry.tasks(name)
