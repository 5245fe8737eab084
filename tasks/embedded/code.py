"""Templates of the embedded programs whose result is asked for."""

import random
from collections.abc import Callable
from typing import Any

from rarl_eval.tasks.embedded.draft import Draft, Template

_PROGRAMS: tuple[tuple[str, Callable[[random.Random], Any]], ...] = (
    (
        "def f(words):\n    kept = []\n    for word in words:\n        if word[0] not in {k[0] for k in kept}:\n"
        "            kept.append(word)\n    return kept",
        lambda rng: rng.sample(["oak", "elm", "otter", "ash", "ember", "adder", "fir", "finch"], 5),
    ),
    (
        "def f(numbers):\n    best = here = numbers[0]\n    for n in numbers[1:]:\n        here = max(n, here + n)\n"
        "        best = max(best, here)\n    return best",
        lambda rng: [rng.randint(-9, 9) for _ in range(7)],
    ),
    (
        "def f(text):\n    counts = {}\n    for letter in text:\n        counts[letter] = counts.get(letter, 0) + 1\n"
        "    return {k: v for k, v in counts.items() if v > 1}",
        lambda rng: "".join(rng.choice("mnopq") for _ in range(8)),
    ),
    (
        "def f(grid):\n    turned = [list(row) for row in zip(*grid[::-1])]\n    return [sum(row) for row in turned]",
        lambda rng: [[rng.randint(0, 9) for _ in range(3)] for _ in range(3)],
    ),
    (
        "def f(queue):\n    stack = []\n    while queue:\n        head = queue.pop(0)\n        if stack and stack[-1] > head:\n"
        "            queue.append(stack.pop())\n        stack.append(head)\n        if len(stack) > 6:\n            break\n"
        "    return stack",
        lambda rng: rng.sample(range(1, 12), 5),
    ),
    (
        "def f(n):\n    trail = [n]\n    while n != 1 and len(trail) < 9:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n"
        "        trail.append(n)\n    return tuple(trail)",
        lambda rng: rng.randint(3, 40),
    ),
)


def _program(source: str, draw: Callable[[random.Random], Any]) -> Callable[[random.Random], Draft]:
    """Trace a function of ours: the gold is what running it returns."""

    def template(rng: random.Random) -> Draft:
        given = draw(rng)
        shown = repr(given)
        scope: dict[str, Any] = {}
        exec(source, scope)  # noqa: S102  our own source, above
        output = scope["f"](given)
        steps = [f"f is called with {shown}.", f"Following the loop line by line, it returns {output!r}."]
        return {"code": source, "input": shown, "output": repr(output)}, steps, repr(output), repr(_spoiled(output))

    return template


def _spoiled(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if isinstance(value, dict):
        return {**value, "z": 2}
    return type(value)([*value[1:], value[0]]) if len(set(map(str, value))) > 1 else type(value)([*value, value[0]])


TEMPLATES: tuple[Template, ...] = tuple(_program(source, draw) for source, draw in _PROGRAMS)
