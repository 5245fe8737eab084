"""Generation tasks of the real lm-eval, from a task file with local rows: its prompts, its score, our columns."""

import json
import random
from pathlib import Path

import pytest

from rarl_eval import data, registry
from rarl_eval.data import lm_eval_opened
from rarl_eval.errors import BadInput
from rarl_eval.models import Completion, Request, Sampling
from rarl_eval.models.likely import Likely
from rarl_eval.report.build import build_report
from rarl_eval.run import Settings, run
from rarl_eval.runs import store
from rarl_eval.sandbox import Sandbox, use

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
    """No such task, no such file, rows that cannot be read."""
    with pytest.raises(BadInput, match="lm-eval has no such task"):
        registry.tasks("lm-eval:no_such_task_here")
    with pytest.raises(BadInput, match="there is no such file"):
        registry.tasks("lm-eval:./nowhere.yaml")
    (folder / "test.jsonl").unlink()
    with pytest.raises(BadInput, match="could not be loaded"):
        registry.tasks(written(folder))


class Likelihoods(Answers):
    """A back-end that finds the first text likelier than the second."""

    def likelihoods(self, pairs):
        return [(-0.5 - n, n == 0) for n, _ in enumerate(pairs)]


def test_log_likelihoods_are_compared(folder: Path, tmp_path: Path) -> None:
    """A back-end that tells how likely a text is runs a multiple-choice task, every metric kept; another is refused."""
    name = written(folder, "acc", **{"output_type: generate_until": "output_type: multiple_choice"})
    text = (folder / "made.yaml").read_text()
    text = (
        text.split("doc_to_target")[0]
        + "doc_to_target: 0\n"
        + 'doc_to_choice: ["8", "9"]\nmetric_list:\n  - {metric: acc, aggregation: mean, higher_is_better: true}\n'
        + "  - {metric: acc_norm, aggregation: mean, higher_is_better: true}\n"
    )
    (folder / "made.yaml").write_text(text)
    (task,) = registry.tasks(name)
    assert task.compares
    model = Likelihoods()
    run([data.load(task)], Likely(model, model, name), tmp_path / "run", Settings())  # type: ignore[arg-type]
    records = store.read_run(tmp_path / "run").records
    assert [r.verdict.status for r in records if r.verdict] == ["correct"] * 3
    assert {w.name: w.score for w in records[0].rewards if w.name.startswith("score:")} == {
        "score:acc,none": 1.0, "score:acc_norm,none": 1.0}  # fmt: skip
    assert records[0].trace.text == "[[-0.5,true],[-1.5,false]]"
    with pytest.raises(BadInput, match=r"compares log-likelihoods of given texts, which made does not give"):
        Likely(Answers(), Answers(), name)  # type: ignore[arg-type]


def test_what_a_file_asks_for_is_what_is_asked(folder: Path, tmp_path: Path) -> None:
    """Temperature, budget and the beginning of the answer are the file's; what the user names wins."""
    changed = {
        "do_sample: false}": "do_sample: false, max_gen_toks: 64}", "num_fewshot: 2": "num_fewshot: 0\ngen_prefix: Sum is"
    }  # fmt: skip
    (task,) = registry.tasks(written(folder, **changed))
    benchmark = data.load(task)
    assert task.prompt(benchmark.items[0])[0].content.endswith("A: Sum is")
    asked: list[Request] = []

    class Noting(Answers):
        def generate(self, requests):
            for request in requests:
                asked.append(request)
                yield self.completion(request, " 8")

    run([benchmark], Noting(), tmp_path / "one", Settings())  # type: ignore[arg-type]
    run([benchmark], Noting(), tmp_path / "two", Settings(sampling=Sampling(max_tokens=9)))  # type: ignore[arg-type]
    assert [(r.sampling.temperature, r.sampling.max_tokens) for r in (asked[0], asked[-1])] == [(0.0, 64), (0.0, 9)]
    told = store.read_manifest(tmp_path / "one")["tasks"][task.name]["sampling"]
    assert told == {"temperature": 0.0, "max_tokens": 64}


def test_a_group_is_its_tasks(folder: Path) -> None:
    """The tasks of a group are named one by one, and each is loaded once."""
    written(folder)
    made = (folder / "made.yaml").read_text()
    for number in (1, 2):
        (folder / f"part{number}.yaml").write_text(made.replace("task: made_sums", f"task: made_part{number}"))
    (folder / "group.yaml").write_text("group: made_group\ntask: [made_part1, made_part2]\n")
    (folder / "made.yaml").unlink()
    told = registry.tasks(f"lm-eval:{folder / 'group.yaml'}")
    assert [task.name for task in told] == ["lm-eval:made_part1", "lm-eval:made_part2"]
    assert [len(data.load(task).items) for task in told] == [3, 3]


UNSAFE = """
import evaluate
metric = evaluate.load("code_eval")
metric.compute(references=["assert add(2, 3) == 5"], predictions=[["def add(a, b): return a"]], k=[1])
def passes(references, predictions, k):
    return metric.compute(references=references, predictions=predictions, k=k)[0]
def programs(resps, docs):
    return [[f"def double(n):\\n    return {r}" for r in resp] for resp in resps]
"""


def test_unsafe_code_runs_in_the_sandbox(folder: Path) -> None:
    """code_eval is never loaded: what the model wrote runs behind our walls, and nothing runs while a task is loaded."""
    name = written(folder, **{"task: made_sums": "task: made_code\nunsafe_code: true"})
    text = (folder / "made.yaml").read_text()
    text = text.split("filter_list")[0].replace('doc_to_target: "{{a}}"', 'doc_to_target: "assert double(3) == 6"')
    text += (
        "filter_list:\n  - name: made\n    filter:\n      - {function: custom, filter_fn: !function unsafe.programs}\n"
        "metric_list:\n  - {metric: !function unsafe.passes, aggregation: mean, higher_is_better: true, k: [1]}\n"
    )
    (folder / "unsafe.py").write_text(UNSAFE)
    (folder / "made.yaml").write_text(text)
    (task,) = registry.tasks(name)
    assert task.runs_code
    item = data.load(task).items[0]
    with Sandbox(jobs=1) as box, use(box):
        told = [task.verify(item, answer).status for answer in ("2 * n", "n", "__import__('os')._exit(0)")]
    assert told == ["correct", "incorrect", "incorrect"]


def test_rows_that_are_drawn_are_the_same_each_time(folder: Path) -> None:
    """Options that a task's own code shuffles come in one order, whatever was drawn before."""
    (folder / "mixed.py").write_text(
        "import random\ndef mix(data):\n    return data.map(lambda row: {'a': str(random.random())})\n"
    )
    name = written(folder, **{"num_fewshot: 2": "num_fewshot: 0\nprocess_docs: !function mixed.mix"})
    golds = []
    for seed in (1, 2):
        lm_eval_opened.opened.cache_clear()
        random.seed(seed)
        golds.append([item.gold for item in data.load(registry.tasks(name)[0]).items])
        assert random.random() == random.Random(seed).random()
    assert golds[0] == golds[1]
