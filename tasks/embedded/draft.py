"""What a template of an embedded item gives."""

import random
from collections.abc import Callable
from typing import Any

Draft = tuple[dict[str, Any], list[str], str, str]
"""Row, steps, right answer, wrong answer."""

Template = Callable[[random.Random], Draft]


def worded(question: str, answer: Any, steps: list[str], wrong: Any, **more: Any) -> Draft:
    """Return a question with its answer, whatever their types, as a draft."""
    return {"question": question, "answer": str(answer), **more}, steps, str(answer), str(wrong)
