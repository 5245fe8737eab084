"""Fresh code again: by running the program in the question, by another simulation, by doing what the words say."""

import ast
import re
from collections import OrderedDict
from itertools import accumulate as sums
from typing import Any

_FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def _parts(text: str) -> tuple[str, str]:
    """Return the program and the expression that is asked for."""
    (code,), (asked,) = _FENCE.findall(text), re.findall(r"`([^`]+)`", _FENCE.sub("", text))
    return code, asked


def running(text: str) -> Any:
    """Run the text of the question: the value of its expression."""
    code, asked = _parts(text)
    space: dict[str, Any] = {}
    exec(code, space)
    return eval(asked, space)


def counting(text: str) -> Any:
    """Run the text and count the calls of work()."""
    code, asked = _parts(text)
    calls = [0]

    def work() -> None:
        calls[0] += 1

    space: dict[str, Any] = {"work": work}
    exec(code, space)
    eval(asked, space)
    return calls[0]


accumulate = rewrite = double_ended = heap = stack_machine = robot = ledger = running
triangle = shrinking = recursive = counting


def least_recent(text: str) -> Any:
    found = re.search(r"holds at most (\d+) keys", text)
    ops = re.search(r"(?:sees|after the other): ((?:(?:put|get) \w(?:, )?)+)\.", text)
    cache: OrderedDict[str, None] = OrderedDict()
    for op, key in (told.split() for told in ops[1].split(", ")):  # type: ignore[index]
        if key in cache:
            cache.move_to_end(key)
        elif op == "put":
            if len(cache) == int(found[1]):  # type: ignore[index]
                cache.popitem(last=False)
            cache[key] = None
    return list(cache)


_SAID = [
    (r"keep the numbers whose remainder by (\d+) is (\d+)", lambda xs, m, r: [x for x in xs if x % m == r]),
    (r"keep the numbers below (-?\d+)", lambda xs, n: [x for x in xs if not x >= n]),
    (r"keep the numbers of at least (-?\d+)", lambda xs, n: [x for x in xs if not x < n]),
    (r"drop the first (\d) numbers", lambda xs, k: [*xs][k:]),
    (r"keep the first occurrence of each number", lambda xs: sorted(set(xs), key=xs.index)),
    (r"multiply each by (\d+) and add (\d+)", lambda xs, a, b: [b + x * a for x in xs]),
    (r"multiply each by (\d+) and subtract (\d+)", lambda xs, a, b: [x * a - b for x in xs]),
    (r"square each", lambda xs: [pow(x, 2) for x in xs]),
    (r"replace each by its remainder modulo (\d+), from 0 to \d+", lambda xs, m: [divmod(x, m)[1] for x in xs]),
    (r"replace each by its distance from the first number, if there is any", lambda xs: [abs(xs[0] - x) for x in xs]),
    (r"replace each by the sum of all numbers up to it", lambda xs: list(sums(xs))),
    (r"turn the order of the list round", lambda xs: list(reversed(xs))),
    (r"return their sum", sum),
    (r"return the largest minus (\d+), or (-?\d+) if there is none", lambda xs, k, b: max(xs) - k if xs else b),
    (r"return them in descending order", lambda xs: sorted(xs, key=lambda x: -x)),
    (r"return how many are divisible by (\d+)", lambda xs, m: [x % m for x in xs].count(0)),
    (r"write each word backwards", lambda xs: [x[::-1] for x in xs]),
    (r"move the first (\d) letters of each word to its end", lambda xs, k: [x[k:] + x[:k] for x in xs]),
    (r"remove every '(\w)'", lambda xs, c: ["".join(x.split(c)) for x in xs]),
    (r"write every '(\w)' twice", lambda xs, c: [(c + c).join(x.split(c)) for x in xs]),
    (r"keep the words of at least (\d) letters", lambda xs, n: [x for x in xs if len(x) > n - 1]),
    (r"keep the words without '(\w)'", lambda xs, c: [x for x in xs if x.find(c) < 0]),
    (r"keep every second word, beginning with word (\d) \(the first is word 1\)", lambda xs, k: xs[k - 1 :: 2]),
    (r"return them joined by '(.)'", lambda xs, mark: mark.join(xs)),
    (r"return them sorted by length, then alphabetically", lambda xs: [x for _, x in sorted((len(x), x) for x in xs)]),
    (r"return a dict from each word to how often '(\w)' is in it", lambda xs, c: {x: len(x.split(c)) - 1 for x in xs}),
]


def _done(said: list[str], xs: Any) -> Any:
    for words in said:
        for pattern, rule in _SAID:
            if found := re.fullmatch(pattern, words):
                xs = rule(xs, *(int(g) if re.fullmatch(r"-?\d+", g) else g for g in found.groups()))
                break
        else:
            raise ValueError(words)
    return xs


def program(text: str, reference: str, tests: str) -> Any:
    """Do what the words say, and run the reference, on every hidden input and on the example; None where they differ."""
    found = re.fullmatch(
        r".* (?:in order|step by step): (.*)\. (?:For example, f\((.*)\) returns|So f\((.*)\) is) (.*?)\.(?: Write f\.)?",
        text,
    )
    if found is None:
        raise ValueError(text)
    said = found[1].split("; then " if text.endswith("Write f.") else "; ")
    example = ast.literal_eval(found[2] or found[3])
    space: dict[str, Any] = {}
    exec(reference, space)
    exec(tests, space)
    hidden = [re.fullmatch(r"assert f\((.*)\) == (.*)", line) for line in tests.splitlines()]
    pairs = [(ast.literal_eval(one[1]), ast.literal_eval(one[2])) for one in hidden if one]
    told = repr(_done(said, example))
    right = len(pairs) == len(hidden) == 9 and all(repr(_done(said, xs)) == repr(value) for xs, value in pairs)
    return _done(said, example) if right and told == found[4] == repr(space["f"](example)) else None


PROGRAMS = {"pipeline", "words", "long_pipeline", "long_words"}
