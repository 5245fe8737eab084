"""CRUXEval's inputs that cheat: objects that answer what is wanted, instead of plain data; and the recorded answers.

    python benchmarks/sandbox_cheats.py ../shared/data

Three ways for each of 800 items: an object whose every method returns the wanted output, one with every operator, and
an instance of a class below a built-in type that holds an empty value. None may pass. Prints how many do, how many
golds pass, and how CodeLlama-7B's 8,000 recorded answers are judged beside the authors' own figure.
"""

import ast
import gzip
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rarl_eval import data, registry
from rarl_eval.sandbox import Sandbox, use
from rarl_eval.types import Item

OPERATORS = ("getitem", "add", "radd", "mul", "mod", "eq", "call", "contains", "sub", "reversed", "lt", "gt")
RECORDED = "code/cruxeval/evaluation_results__sample_scored_codellama-7b_temp0.2_input.json.gz"
TASK = registry.task("cruxeval_input")


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ["RARL_EVAL_DATA"] = str(folder)
    items = data.load(TASK).items
    print("golds", Counter(statuses([(item, item.gold) for item in items])))
    for name in ("object", "operators", "subclass"):
        print("cheat", name, Counter(statuses([(item, cheat(item, name)) for item in items])))
    published = json.loads(gzip.decompress((folder / RECORDED).read_bytes()))
    by_id = {item.id: item for item in items}
    asked = sorted({(name, text) for name, texts in published["raw_generations"].items() for text in texts})
    found = dict(zip(asked, statuses([(by_id[name], text) for name, text in asked]), strict=True))
    told = [found[name, text] == "correct" for name, texts in published["raw_generations"].items() for text in texts]
    print(f"recorded: {sum(told)} of {len(told)} right, {100 * sum(told) / len(told):.2f} %; published", end=" ")
    print(f"{published['pass_at_1']:.2f} %")


def statuses(answers: Sequence[tuple[Item, str]]) -> list[str]:
    with Sandbox() as sandbox, use(sandbox), ThreadPoolExecutor(sandbox.jobs) as threads:
        return list(threads.map(lambda pair: TASK.verify(pair[0], f"[ANSWER]{pair[1]}[/ANSWER]").status, answers))


def cheat(item: Item, name: str) -> str:
    """Return a call with one cheating object for each parameter."""
    wanted = item.question.partition("== ")[2]
    every = f"'__getattr__': lambda s, n: (lambda *a, **k: ({wanted}))"
    if name != "object":
        every += "".join(f", '__{operator}__': lambda s, *a, **k: ({wanted})" for operator in OPERATORS)
    base = "(dict,)" if name == "subclass" else "()"
    function = next(node for node in ast.parse(item.context).body if isinstance(node, ast.FunctionDef))
    count = max(1, len(function.args.args))
    made = f"type('X', {base}, {{{every}}})()"
    return f"f({', '.join([made] * count)})"


if __name__ == "__main__":
    main()
