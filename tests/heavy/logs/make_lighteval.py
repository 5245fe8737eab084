"""Write lighteval's own details of the scripted answers: ``python make_lighteval.py OUT``, where it is installed.

The rows come from a local file; the hub is not asked.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import scripted
from lighteval.logging.evaluation_tracker import EvaluationTracker
from lighteval.metrics.metrics import Metrics
from lighteval.models.abstract_model import LightevalModel, ModelConfig
from lighteval.models.model_output import ModelResponse
from lighteval.pipeline import ParallelismManager, Pipeline, PipelineParameters
from lighteval.tasks.lighteval_task import LightevalTaskConfig
from lighteval.tasks.registry import Registry
from lighteval.tasks.requests import Doc
from lighteval.utils.cache_management import SampleCache


class Scripted(LightevalModel):
    """Answers from the script; tokens are words, numbered by their length."""

    def __init__(self):
        self.config = ModelConfig(model_name="example/scripted", cache_dir=tempfile.mkdtemp())
        self._cache = SampleCache(self.config)

    tokenizer = None
    add_special_tokens = False
    max_length = 4096

    def greedy_until(self, docs):
        texts = [scripted.text(scripted.reply(doc.query)) for doc in docs]
        return [
            ModelResponse(
                input=doc.query, text=[text], input_tokens=[len(w) for w in doc.query.split()],
                output_tokens=[[len(w) for w in text.split()]],
            )
            for doc, text in zip(docs, texts, strict=True)
        ]  # fmt: skip

    def loglikelihood(self, docs):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def prompt(row, task_name=None):
    query = f"{row['question']}\n\nPut your final answer within \\boxed{{}}."
    return Doc(task_name=task_name, query=query, choices=[row["answer"]], gold_index=0, id=row["id"])


def task(folder: str) -> LightevalTaskConfig:
    return LightevalTaskConfig(
        name="demo_math", prompt_function=prompt, hf_repo=folder, hf_subset="default", hf_avail_splits=["train"],
        evaluation_splits=["train"], metrics=[Metrics.expr_gold_metric], generation_size=64, stop_sequence=[],
    )  # fmt: skip


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "rows"
        folder.mkdir()
        lines = scripted.ITEMS.read_text("utf-8").split("\n")[: len(scripted.ANSWERS)]
        (folder / "train.jsonl").write_text("\n".join(lines) + "\n")
        # Its own tasks are not loaded: one of them fetches a file from the network when imported.
        Registry.load_all_task_configs = staticmethod(lambda **_: {"demo_math": task(str(folder))})
        pipeline = Pipeline(
            tasks="demo_math|0",
            pipeline_parameters=PipelineParameters(launcher_type=ParallelismManager.CUSTOM, bootstrap_iters=10),
            evaluation_tracker=EvaluationTracker(output_dir=str(out), save_details=True),
            model=Scripted(),
        )
        pipeline.evaluate()
        pipeline.save_and_push_results()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
