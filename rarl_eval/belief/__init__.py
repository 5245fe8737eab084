"""Can this score be believed? One conclusion from all that is known of a row, and what it rests on (docs/belief.md).

``believe`` takes the facts of every row of a board at once, because the tests that can accuse are corrected together.
Pure: figures in, figures and sentences out. Not here: measuring anything (measures), reading runs and scans (report).
"""

from rarl_eval.belief.decide import LEVEL, believe
from rarl_eval.belief.nouns import Accusal, AnswerSource, Belief, BeliefCheck, Facts, LengthPeer, Probed, Training, Twin

__all__ = [
    "LEVEL",
    "Accusal",
    "AnswerSource",
    "Belief",
    "BeliefCheck",
    "Facts",
    "LengthPeer",
    "Probed",
    "Training",
    "Twin",
    "believe",
]
