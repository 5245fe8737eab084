"""Write lm-eval's logs of its own GPQA, whose options it shuffles, and GSM8K: ``python make_shuffled_lm_eval.py OUT``.

Both tasks are the package's own but for where their rows come from.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import lm_eval
import shuffled
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

TASKS = {
    "choices": "gpqa/cot_zeroshot/gpqa_diamond_cot_zeroshot.yaml",
    "sums": "gsm8k/gsm8k-cot-zeroshot.yaml",
}
ROWS = """
include: {whole}
task: {name}
dataset_path: json
dataset_name: null
dataset_kwargs: {{data_files: {{test: {rows}}}}}
training_split: null
validation_split: null
fewshot_split: null
test_split: test
"""


class Scripted(LM):
    """Answers from the script."""

    def generate_until(self, requests, disable_tqdm=False):
        return [self.answer(r.args[0]) for r in requests]

    @staticmethod
    def answer(prompt: str) -> str:
        if "capital of" in prompt:
            return f"I know that one. The answer is ({shuffled.letter(prompt)})."
        n, number = shuffled.number(prompt)
        return f"That is question {n}. The answer is {number}."

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def rows(name: str) -> list[dict]:
    """Return rows as the task's own data has them."""
    if name == "sums":
        return shuffled.sums()
    made = []
    for country, capital, others in shuffled.TOWNS:
        wrong = {f"Incorrect Answer {n}": town for n, town in enumerate(others, start=1)}
        made.append(
            {"Question": f"Which of these towns is the capital of {country}?", "Correct Answer": capital, **wrong}
        )
    return made


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, file in TASKS.items():
            data = Path(folder) / f"{name}.jsonl"
            data.write_text("".join(json.dumps(row) + "\n" for row in rows(name)))
            whole = Path(lm_eval.__file__).parent / "tasks" / file
            (Path(folder) / f"{name}.yaml").write_text(ROWS.format(whole=whole, name=name, rows=data))
        tracker = EvaluationTracker(output_path=str(out))
        results = simple_evaluate(
            Scripted(), tasks=list(TASKS), log_samples=True, evaluation_tracker=tracker,
            task_manager=TaskManager(include_path=folder, include_defaults=False),
        )  # fmt: skip
        samples = results.pop("samples")
        tracker.general_config_tracker.log_experiment_args(
            model_source="scripted", model_args="pretrained=example/scripted", system_instruction="",
            chat_template="", fewshot_as_multiturn=False,
        )  # fmt: skip
        tracker.save_results_aggregated(results=results, samples=samples)
        for name in TASKS:
            tracker.save_results_samples(task_name=name, samples=samples[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
