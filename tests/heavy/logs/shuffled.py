"""What is asked where options are shuffled, and what the model says: right but for every third question.

The scripts give it to the real packages; no package of this project is needed here. A model is only shown the prompt:
it names the letter under which the option stands there.
"""

import json
import re
from pathlib import Path
from typing import Any

TOWNS = (
    ("Peru", "Lima", ("Cusco", "Quito", "La Paz")),
    ("Kenya", "Nairobi", ("Mombasa", "Kisumu", "Kampala")),
    ("Chile", "Santiago", ("Arica", "Valparaiso", "Iquique")),
    ("Ghana", "Accra", ("Kumasi", "Tamale", "Tema")),
    ("Norway", "Oslo", ("Bergen", "Tromso", "Malmo")),
    ("Poland", "Warsaw", ("Krakow", "Gdansk", "Prague")),
    ("Morocco", "Rabat", ("Fez", "Tangier", "Casablanca")),
    ("Nepal", "Kathmandu", ("Pokhara", "Lalitpur", "Thimphu")),
    ("Cuba", "Havana", ("Santa Clara", "Camaguey", "Holguin")),
    ("Latvia", "Riga", ("Liepaja", "Tartu", "Kaunas")),
    ("Fiji", "Suva", ("Nadi", "Labasa", "Apia")),
    ("Iraq", "Baghdad", ("Basra", "Mosul", "Amman")),
)
"""Country, capital, other towns."""
SUMS = tuple((f"A mill grinds {n + 3} sacks an hour. How many sacks does it grind in {2 * n + 2} hours?",
              (n + 3) * (2 * n + 2)) for n in range(12))  # fmt: skip


def choices() -> list[dict[str, Any]]:
    """Return the questions with options, as MedQA's rows are; golds stand at A, B, C, D in turn."""
    rows = []
    for n, (country, capital, others) in enumerate(TOWNS):
        options = list(others)
        options.insert(n % 4, capital)
        asked = f"Which of these towns is the capital of {country}?"
        rows.append({"realidx": n, "question": asked, "options": dict(zip("ABCD", options, strict=True)),
                     "answer_idx": "ABCD"[n % 4]})  # fmt: skip
    return rows


def sums() -> list[dict[str, str]]:
    """Return the questions of numbers, as GSM8K's rows are."""
    return [{"question": asked, "answer": f"It is a product.\n#### {gold}"} for asked, gold in SUMS]


def write(folder: Path) -> None:
    """Write both as JSON lines."""
    for name, rows in (("choices", choices()), ("sums", sums())):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def right(n: int) -> bool:
    """Whether the model knows the answer to question n."""
    return n % 3 != 0


def number(prompt: str) -> tuple[int, str]:
    """Return which question of numbers a prompt asks, and the number that the model gives."""
    n = next(n for n, (asked, _) in enumerate(SUMS) if asked in prompt)
    return n, str(SUMS[n][1] + (not right(n)))


def letter(prompt: str) -> str:
    """Return the letter that the model gives for the options as the prompt lists them."""
    n = next(n for n, (country, *_) in enumerate(TOWNS) if f"capital of {country}?" in prompt)
    _, capital, others = TOWNS[n]
    wanted = capital if right(n) else others[n % 3]
    shown = re.search(rf"\(?([A-D])\)\s*{re.escape(wanted)}\s*$", prompt, re.MULTILINE)
    if shown is None:
        raise ValueError(prompt)
    return shown[1]
