"""MMLU's six subjects of medicine: 1,089 questions with four options (Hendrycks et al. 2020)."""

import string
from dataclasses import replace

from rarl_eval import prompts
from rarl_eval.answers import verify_choice
from rarl_eval.types import Item, Known, Row, Shots, Source, Task

SUBJECTS = (
    "anatomy",
    "clinical_knowledge",
    "college_biology",
    "college_medicine",
    "medical_genetics",
    "professional_medicine",
)


def item(row: Row) -> Item:
    """Read the hub's layout (``choices``, ``answer`` as an index) or the one with lettered ``options``."""
    if "choices" in row:
        choices, gold = tuple(text.strip() for text in row["choices"]), string.ascii_uppercase[row["answer"]]
    else:
        choices, gold = tuple(row["options"][letter].strip() for letter in "ABCD"), row["answer_idx"]
    return Item(id="", question=row["question"].strip(), choices=choices, gold=gold, meta={"subject": row["subject"]})


def source(split: str) -> Source:
    """Name a split."""
    return Source(
        path="cais/mmlu",
        split=split,
        licence="MIT",
        released="2020-09-07",
        files=tuple(f"{subject}/{split}-00000-of-00001.parquet" for subject in SUBJECTS),
        local=("medical/medagents_data/mmlu.jsonl",) if split == "test" else (),
    )


TASK = Task(
    name="mmlu_medical",
    domain="medicine",
    version=2,
    source=replace(
        source("test"),
        known=(
            Known(
                items=1089,
                of="github:gersteinlab/medagents-benchmark@f5e50b69",
                fingerprint="48c130ff5556dbb0bd666d601827293a",
            ),
        ),
    ),
    item=item,
    verify=verify_choice,
    prompt=prompts.choice,
    shots=Shots(source=source("dev"), places=(0, 1, 2, 3, 4), same="subject"),
    paper="https://arxiv.org/abs/2009.03300",
)
