"""Write inspect_ai's own log of the scripted answers, as .eval and .json: ``python make_inspect.py OUT``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import scripted
from inspect_ai import Epochs, Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import match, pattern
from inspect_ai.solver import generate, prompt_template


def answer(messages, tools, tool_choice, config) -> ModelOutput:
    """Answer what the last message asks, reasoning apart from the text, with a count of words as tokens."""
    prompt = messages[-1].text
    n = scripted.reply(prompt)
    reasoning, text, stop = scripted.ANSWERS[n]
    thought, said, asked = (len(t.split()) for t in (reasoning, text, prompt))
    content = [ContentReasoning(reasoning=reasoning), ContentText(text=text)]
    return ModelOutput(
        model="example/scripted",
        choices=[
            ChatCompletionChoice(
                message=ChatMessageAssistant(content=content),
                stop_reason="max_tokens" if stop == "length" else "stop",
            )
        ],
        usage=ModelUsage(
            input_tokens=asked, output_tokens=thought + said, total_tokens=asked + thought + said,
            reasoning_tokens=thought,
        ),
    )  # fmt: skip


def task(limit: int, epochs: int) -> Task:
    """Return the first items as a task with a first-box scorer and one that looks at the end."""
    samples = [Sample(id=r["id"], input=r["question"], target=r["answer"]) for r in scripted.items()[:limit]]
    return Task(
        dataset=MemoryDataset(samples, name="demo_math"),
        solver=[prompt_template("{prompt}\n\nPut your final answer within \\boxed{{}}."), generate()],
        scorer=[pattern(r"boxed\{(\d+)\}"), match(location="end", numeric=True)],
        epochs=Epochs(epochs, "mean"),
        name="demo_math",
    )


def main(out: Path) -> None:
    model = get_model("mockllm/model", custom_outputs=answer)
    for form, limit, epochs in (("eval", len(scripted.ANSWERS), 1), ("json", 2, 2)):
        (log,) = evaluate(
            task(limit, epochs), model=model, log_dir=str(out), log_format=form, display="none", max_tokens=64
        )
        assert log.status == "success", log.error


if __name__ == "__main__":
    main(Path(sys.argv[1]))
