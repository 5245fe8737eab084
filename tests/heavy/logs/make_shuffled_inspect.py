"""Write inspect_ai's logs of shuffled options: ``python make_shuffled_inspect.py OUT``.

Once the data set's options are shuffled (``shuffle_choices``), once the solver shuffles them and writes the log as if
it had not, and once numbers are asked.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import shuffled
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice, match
from inspect_ai.solver import generate, multiple_choice


def answer(messages, tools, tool_choice, config) -> ModelOutput:
    """Answer the last message; the count of words spares the package to fetch a tokenizer."""
    prompt = messages[-1].text
    if "capital of" in prompt:
        said = f"I know that one.\n\nANSWER: {shuffled.letter(prompt)}"
    else:
        said = "That is question {}. The answer is {}".format(*shuffled.number(prompt))
    output = ModelOutput.from_content("mockllm/model", said)
    asked, told = len(prompt.split()), len(said.split())
    output.usage = ModelUsage(input_tokens=asked, output_tokens=told, total_tokens=asked + told)
    return output


def towns() -> list[Sample]:
    """Return the questions with options."""
    return [
        Sample(
            id=row["realidx"], input=row["question"], choices=list(row["options"].values()), target=row["answer_idx"]
        )
        for row in shuffled.choices()
    ]


def tasks() -> list[Task]:
    """Return the three tasks."""
    data = MemoryDataset(towns(), name="choices")
    data.shuffle_choices(seed=42)
    numbers = [Sample(input=q, target=str(gold)) for q, gold in shuffled.SUMS]
    return [
        Task(dataset=data, solver=multiple_choice(), scorer=choice(), name="choices_data"),
        Task(
            dataset=MemoryDataset(towns(), name="choices"), name="choices_solver",
            solver=multiple_choice(shuffle=random.Random(7)), scorer=choice(),
        ),
        Task(dataset=MemoryDataset(numbers, name="sums"), solver=generate(), scorer=match(numeric=True), name="sums"),
    ]  # fmt: skip


def main(out: Path) -> None:
    model = get_model("mockllm/model", custom_outputs=answer)
    for task in tasks():
        for form in ("eval", "json"):
            (log,) = evaluate(task, model=model, log_dir=str(out), log_format=form, display="none")
            assert log.status == "success", str(log.error)[:500]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
