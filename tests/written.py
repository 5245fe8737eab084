"""Logs of the harnesses that are recognised first, and plain rows, as their programs write them for a few answers.

``published.py`` has the other layouts. Each writer writes a file into a folder and returns it (``WRITERS``: a line for
a new one).
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from published import lines


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a log says of one answer."""

    number: int
    question: str
    gold: str
    text: str
    choices: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The question with its options, as a model is shown it."""
        return "\n".join([self.question, *(f"{'ABCDE'[n]}. {c}" for n, c in enumerate(self.choices))])


Writer = Callable[[Path, list[Said]], Path]


def lm_eval(folder: Path, said: list[Said]) -> Path:
    rows = [
        {
            "doc_id": s.number, "doc": {"question": s.question, "choices": list(s.choices), "answer": s.gold}, "target": s.gold,
            "arguments": {"gen_args_0": {"arg_0": f"Question: {s.shown}\nAnswer:", "arg_1": {"until": []}}}, "resps": [[s.text]],
            "filtered_resps": ["x"], "filter": "none", "metrics": ["exact_match"], "exact_match": 1.0,
        } for s in said
    ]  # fmt: skip
    return lines(folder / "samples_x.jsonl", rows)


def lm_eval_chat(folder: Path, said: list[Said]) -> Path:
    rows = [json.loads(line) for line in lm_eval(folder, said).read_text().splitlines()]
    for row, s in zip(rows, said, strict=True):
        turns = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": f"Solve.\n\n{s.shown}\n\nThink."},
        ]
        row["arguments"]["gen_args_0"]["arg_0"] = [json.dumps(turns)]
    return lines(folder / "samples_chat.jsonl", rows)


def inspect(folder: Path, said: list[Said]) -> Path:
    path = folder / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps({"version": 2, "status": "success", "eval": {"model": "m"}}))
        for s in said:
            sample = {
                "id": s.number, "epoch": 1, "input": s.question, "choices": list(s.choices) or None, "target": s.gold,
                "output": {"choices": [{"message": {"role": "assistant", "content": s.text}, "stop_reason": "stop"}]},
            }  # fmt: skip
            archive.writestr(f"samples/{s.number}_epoch_1.json", json.dumps(sample))
    return path


def lighteval(folder: Path, said: list[Said]) -> Path:
    rows = [
        {
            "doc": {"id": str(s.number), "query": f"Solve: {s.shown}", "choices": list(s.choices) or [s.gold],
                    "gold_index": "ABCDE".index(s.gold) if s.choices else 0},
            "model_response": {"input": f"Solve: {s.shown}", "text": [s.text]}, "metric": {"em": 1.0},
        } for s in said
    ]  # fmt: skip
    return lines(folder / "details.jsonl", rows)


def eee(folder: Path, said: list[Said]) -> Path:
    rows = [
        {
            "evaluation_id": "e", "sample_id": str(s.number), "interaction_type": "single_turn", "evaluation_name": "acc",
            "input": {"raw": s.shown, "reference": [s.gold], "choices": list(s.choices)}, "model_id": "m",
            "output": {"raw": [s.text]}, "evaluation": {"score": 1.0, "is_correct": True},
        } for s in said
    ]  # fmt: skip
    return lines(folder / "e_samples.jsonl", rows)


def plain(folder: Path, said: list[Said]) -> Path:
    rows = [
        {"id": s.number, "question": s.question, "options": list(s.choices), "gold": s.gold, "output": s.text}
        for s in said
    ]
    return lines(folder / "o.jsonl", rows)


def prompted(folder: Path, said: list[Said]) -> Path:
    rows = [
        {
            "idx": s.number,
            "prompt": f"Question:\n{s.shown}\nAnswer:\nLet's think.\n",
            "gold": s.gold,
            "response": s.text,
        }
        for s in said
    ]
    return lines(folder / "o.jsonl", rows)


def templated(folder: Path, said: list[Said]) -> Path:
    rows = [
        {"idx": s.number, "input": f"<|im_start|>user\n{s.shown}<|im_end|>\n<|im_start|>assistant\n", "gts": s.gold,
         "output": s.text} for s in said
    ]  # fmt: skip
    return lines(folder / "o.jsonl", rows)


def few_shot(folder: Path, said: list[Said]) -> Path:
    """The question before stands in the prompt as an example."""
    rows = [
        {
            "idx": s.number,
            "prompt": f"Q: {said[n - 1].shown}\nA: 7\n\nQ: {s.shown}\nA:",
            "gold": s.gold,
            "response": s.text,
        }
        for n, s in enumerate(said)
    ]
    return lines(folder / "o.jsonl", rows)


WRITERS: list[Writer] = [lm_eval, lm_eval_chat, inspect, lighteval, eee, plain, prompted, templated, few_shot]
