"""Write the embedded data: items, recorded answers of three imagined models, and a corpus that holds some items.

Run ``python -m rarl_eval.tasks.embedded.make FOLDER``; the same version writes the same bytes. Everything is
synthetic and its truth is known: each answer carries the verdict it must get, and the corpus says what was planted.

The three models differ as real ones do: *careful* reasons at length and knows as much of clean as of planted items;
*memoriser* is short and right on what was planted; *rambler* repeats itself and is often cut off.
"""

import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarl_eval.files.atomic import write_atomically
from rarl_eval.tasks.embedded.problems import PER_TEMPLATE, Problem, problems

SEED = 20260209
SAMPLES = 3

COPIED = (0, 1)
"""Templates of each domain whose items are planted word for word; the last item of each is planted edited."""
VARIED = (2,)
"""Templates of which the corpus holds the text with other numbers: variants, not copies. Not done for code."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """How an imagined model behaves."""

    name: str
    right_planted: float
    right_clean: float
    asides: tuple[int, int]
    """Least and most sentences of musing before the steps."""
    cut: float = 0.0
    hedge: float = 0.0
    fail: float = 0.0


PERSONAS = (
    Persona(name="demo-careful", right_planted=0.80, right_clean=0.78, asides=(2, 7), hedge=0.02),
    Persona(name="demo-memoriser", right_planted=0.97, right_clean=0.52, asides=(0, 1)),
    Persona(name="demo-rambler", right_planted=0.66, right_clean=0.64, asides=(5, 24), cut=0.10, hedge=0.04, fail=0.02),
)

_ASIDES = (
    "Let me read the question once more before I compute anything.",
    "The units agree, so nothing has to be converted here.",
    "Wait, I should check whether that number was counted twice.",
    "Another way to see it is to start from the end and go back.",
    "That looks plausible, but a quick estimate would not hurt.",
    "I keep the intermediate result and go on from there.",
)
_OPENINGS = (
    "Minutes of the allotment society, spring meeting, taken down by the secretary after supper.",
    "Notes for the evening course on reading old maps and the handwriting of land surveyors.",
    "A letter from the lighthouse about weather, visitors and the supply boat that came late.",
    "Draft of a leaflet that explains to new members how the tool library lends and repairs.",
    "From the diary of a bicycle mechanic who writes down every noise that customers describe.",
    "Report on the choir's journey, with remarks on trains, sandwiches and a forgotten score.",
)
_FILLERS = (
    "The hedge along the northern path was cut back and the gate no longer sticks in wet weather.",
    "Nobody could say who had borrowed the long ladder, though several people remembered seeing it.",
    "A kettle was bought from the petty cash and the old one was given to the boat house.",
    "The lecture about moss will be repeated because the projector failed halfway through it.",
    "Two of the younger members offered to paint the shed if somebody else chose the colour.",
    "It was agreed to write to the council about the lamp that flickers near the bridge.",
    "The treasurer read out a poem, which was received kindly, and then the accounts.",
    "Apples were pressed on Saturday, and the wasps were fewer than in the year before.",
)
_EDITS = {"the": "that", "and": "as well as", "How": "Exactly how", "What": "Now what", "each": "every", "is": "is now"}


def main() -> None:
    """Write everything into the folder named on the command line."""
    write(Path(sys.argv[1]))


def write(folder: Path) -> None:
    """Write items, outputs and corpus into ``folder``."""
    items = list(problems(SEED))
    for domain in dict.fromkeys(p.domain for p in items):
        _jsonl(folder / f"demo_{domain}.jsonl", (p.row for p in items if p.domain == domain))
    for persona in PERSONAS:
        _jsonl(folder / f"outputs_{persona.name}.jsonl", _outputs(persona, items))
    _jsonl(folder / "corpus.jsonl", _corpus(items))


def planted(problem: Problem) -> str | None:
    """How the corpus holds an item: ``exact``, ``near``, ``variant`` or not at all."""
    template, position = divmod(int(problem.id.split("-")[1]), PER_TEMPLATE)
    if template in COPIED:
        return "near" if position == PER_TEMPLATE - 1 and problem.domain != "code" else "exact"
    return "variant" if template in VARIED and problem.domain != "code" else None


def _outputs(persona: Persona, items: list[Problem]) -> Iterator[dict[str, Any]]:
    rng = random.Random(f"{SEED}/{persona.name}")
    for problem in items:
        leaked = planted(problem) in {"exact", "near"}
        skill = persona.right_planted if leaked else persona.right_clean
        ease = rng.uniform(-0.25, 0.25)  # some items are easier than others, for all samples alike
        for sample in range(SAMPLES):
            yield _output(persona, problem, sample, min(1.0, skill + ease * (1 - skill) * 2), rng)


def _output(persona: Persona, problem: Problem, sample: int, skill: float, rng: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {"task": f"demo_{problem.domain}", "id": problem.id, "model": persona.name, "sample": sample}
    if rng.random() < persona.fail:
        return {**row, "text": "", "stop": "error", "truth": None}
    right = rng.random() < skill
    answer = problem.right if right else problem.wrong
    musing = [rng.choice(_ASIDES) for _ in range(rng.randint(*persona.asides))]
    if not right:  # wrong reasoning wanders: longer, as it does in real models
        musing += musing[: len(musing) // 2]
    steps = [*musing, *(problem.steps if right else problem.steps[:1])]
    truth, stop = ("correct" if right else "incorrect"), "end"
    if rng.random() < persona.cut:
        text, truth, stop, reply = "<think>\n" + "\n".join(steps), "no_answer", "length", ""
    elif problem.domain in {"math", "finance"} and rng.random() < persona.hedge:
        reply = rf"The answer is either \boxed{{{problem.right}}} or \boxed{{{problem.wrong}}}."
        text, truth = _wrapped(steps, reply), "ambiguous"
    else:
        reply = _stated(problem, answer)
        text = _wrapped(steps, reply)
    counts = {"reasoning": len(" ".join(steps).split()), "answer": len(reply.split())}
    tokens = {**counts, "counted_by": "whitespace", "completion": sum(counts.values())}
    rewards = _rewards(truth == "correct", sum(counts.values()), rng)
    return {**row, "text": text, "stop": stop, "tokens": tokens, "rewards": rewards, "truth": truth}


def _wrapped(steps: list[str], reply: str) -> str:
    return "<think>\n" + "\n".join(steps) + f"\n</think>\n{reply}"


def _stated(problem: Problem, answer: str) -> str:
    if problem.domain == "medicine":
        return f"Answer: {answer}"
    return f"The answer is {answer}" if problem.domain == "code" else rf"The answer is \boxed{{{answer}}}."


def _rewards(right: bool, words: int, rng: random.Random) -> list[dict[str, Any]]:
    """Score a trace as an imagined scorer that likes length, and as an imagined judge that is too kind."""
    score = 1.1 * right + 0.004 * words + rng.gauss(0, 0.6)
    passed = rng.random() < (0.93 if right else 0.30)
    return [
        {"name": "demo-scorer", "judge": "discriminative", "score": round(score, 3)},
        {"name": "demo-judge", "judge": "generative", "score": float(passed)},
    ]


def _corpus(items: list[Problem]) -> Iterator[dict[str, Any]]:
    rng = random.Random(f"{SEED}/corpus")
    documents = [_document(rng, None) for _ in range(160)]
    shapes = {"exact": _text, "near": _edited, "variant": _renumbered}
    varied: set[tuple[str, int]] = set()
    for problem in items:
        how = planted(problem)
        template = (problem.domain, int(problem.id.split("-")[1]) // PER_TEMPLATE)
        if how is None or (how == "variant" and template in varied):
            continue
        varied.add(template)
        documents.append({**_document(rng, shapes[how](problem)), "planted": problem.id, "how": how})
    rng.shuffle(documents)
    yield from ({"id": f"doc-{number:03d}", **document} for number, document in enumerate(documents))


def _document(rng: random.Random, text: str | None) -> dict[str, Any]:
    before, after = rng.sample(_FILLERS, 3), rng.sample(_FILLERS, 2)
    middle = [text] if text else []
    return {"text": "\n".join([rng.choice(_OPENINGS), *before, *middle, *after]), "planted": None, "how": None}


def _text(problem: Problem) -> str:
    row = problem.row
    if problem.domain == "code":
        return f"{row['code']}\n\nassert f({row['input']}) == {row['output']}"
    options = "".join(f"\n{letter}. {o}" for letter, o in zip("ABCD", row.get("choices", ()), strict=False))
    return f"{row['question']}{options}\n" + "\n".join(problem.steps) + f"\nAnswer: {problem.right}"


def _edited(problem: Problem) -> str:
    """Change every third word that has a substitute: most n-grams survive, no long run does."""
    words, met = [], 0
    for word in str(problem.row["question"]).split(" "):
        met += word in _EDITS
        words.append(_EDITS[word] if word in _EDITS and met % 2 else word)
    return " ".join(words) + f"\nAnswer: {problem.right}"


def _renumbered(problem: Problem) -> str:
    """Shift every digit of the question: the same problem with other numbers."""
    shift = str.maketrans("123456789", "234567891")
    return str(problem.row["question"]).translate(shift)


def _jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main()
