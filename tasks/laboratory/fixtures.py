"""The laboratory's models, what they answered and what they sampled in training: fixtures, no leaderboard entries."""

import json
from pathlib import Path

NAMES = ("lab-base", "lab-leaked-solutions", "lab-leaked-answers")
"""What learnt from the base corpus alone, and what was then made to memorise half of the test set."""
REWARD_MODELS = ("lab-orm", "lab-prm")
"""Judges of base's answers: of the whole, and of each step."""
ARMS = ("true", "naive", "switched", "longer", "coin-leaked", "coin-base")
"""Trainings of the second experiment, by their reward (benchmarks/lab/grpo.py)."""
SELECTION, SELECTED = "fresh:lab@2:100", 8
"""What base alone answered eight times, for choosing among answers; no model and no judge has seen it."""
_FOLDER = Path(__file__).parent


def weights(name: str) -> Path:
    """Return the GGUF file of a model."""
    return _FOLDER / "models" / f"{name}.gguf"


def reward_model(name: str) -> Path:
    """Return the folder of a reward model, as transformers and vLLM read it."""
    return _FOLDER / "models" / name


def recorded(name: str) -> Path:
    """Return what a model answered when it was recorded, as ``replay:`` reads it."""
    return _FOLDER / "recorded" / f"{name}.jsonl.gz"


def training(arm: str) -> Path:
    """Return what an arm of the second experiment sampled, step by step, as verl dumps it."""
    return _FOLDER / "recorded" / "training" / f"{arm}.jsonl.gz"


def record() -> dict[str, object]:
    """Return what is known of the shipped models: hashes of weights and of greedy texts, keys of the leaked items."""
    found: dict[str, object] = json.loads((_FOLDER / "models.json").read_text())
    return found
