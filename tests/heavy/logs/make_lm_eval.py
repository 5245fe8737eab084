"""Write lm-eval's own log of the scripted answers: ``python make_lm_eval.py OUT [MODEL]``, where lm-eval is installed.

With MODEL, the folder of a transformers model, its ``hf`` back-end answers instead.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import scripted
from lm_eval import simple_evaluate
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

TASK = """
task: demo_math
dataset_path: json
dataset_kwargs: {data_files: {test: FILE}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}\\n\\nPut your final answer within \\\\boxed{}."
doc_to_target: answer
generation_kwargs: {until: ["Question:"], max_gen_toks: 64, do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
filter_list:
  - name: first-box
    filter: [{function: regex, regex_pattern: "boxed{(\\\\d+)}", group_select: 0}, {function: take_first}]
  - name: last-number
    filter: [{function: regex, regex_pattern: "(\\\\d+)", group_select: -1}, {function: take_first}]
metadata: {version: 1.0}
"""


class Scripted(LM):
    """Answers from the script."""

    def generate_until(self, requests, disable_tqdm=False):
        return [scripted.text(scripted.reply(r.args[0])) for r in requests]

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def main(out: Path, pretrained: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        lines = scripted.ITEMS.read_text("utf-8").split("\n")[: len(scripted.ANSWERS)]
        rows.write_text("\n".join(lines) + "\n")
        (Path(folder) / "demo_math.yaml").write_text(TASK.replace("FILE", str(rows)))
        tracker = EvaluationTracker(output_path=str(out))
        manager = TaskManager(include_path=folder, include_defaults=False)
        results = simple_evaluate(
            "hf" if pretrained else Scripted(),
            model_args=f"pretrained={pretrained},device=cpu,dtype=float32" if pretrained else None,
            tasks=["demo_math"],
            task_manager=manager,
            log_samples=True,
            evaluation_tracker=tracker,
        )
        samples = results.pop("samples")
        tracker.general_config_tracker.log_experiment_args(
            model_source="hf" if pretrained else "scripted", model_args=f"pretrained={pretrained or 'example/scripted'}", system_instruction="",
            chat_template="", fewshot_as_multiturn=False,
        )  # fmt: skip
        tracker.save_results_aggregated(results=results, samples=samples)
        tracker.save_results_samples(task_name="demo_math", samples=samples["demo_math"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
