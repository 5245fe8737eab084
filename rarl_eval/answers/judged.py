"""Free text that no rule can judge: it waits for a judge model, and without one it is unjudged, never wrong.

``verify_or_wait`` takes what algebra finds equal to the gold for right, and lets a judge decide the rest.

Not here: the judge (rarl_eval.rewards.decide).
"""

from rarl_eval.answers.algebra import verify_math
from rarl_eval.answers.extract import shown
from rarl_eval.answers.numeric import repeats_question
from rarl_eval.types import Item, Verdict


def verify_or_wait(item: Item, answer: str) -> Verdict:
    """Say ``correct`` where the answer equals the gold as mathematics; what does not waits for a judge."""
    waits = verify_judged(item, answer)
    if waits.status != "unjudged":
        return waits
    verdict = verify_math(item, answer)
    return verdict if verdict.status == "correct" else waits


def verify_judged(item: Item, answer: str) -> Verdict:
    """Say ``no_answer`` where nothing is answered, else ``unjudged``; a judge turns that into right or wrong."""
    if not any(c.isalnum() for c in answer):
        return Verdict(status="no_answer", reason="nothing is answered")
    if repeats_question(item, answer):
        return Verdict(status="no_answer", reason="the question is repeated, nothing is answered")
    return Verdict(status="unjudged", extracted=shown(answer.strip()), reason="no judge has read it")
