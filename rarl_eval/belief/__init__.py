"""Can this score be believed? One conclusion from all that is known of a row, and what it rests on (docs/belief.md).

``believe`` takes the facts of every row of a board at once, because the tests that can accuse are corrected together.
Pure: figures in, figures and sentences out. Not here: measuring anything (measures), reading runs and scans (report).
"""

from rarl_eval.belief.decide import LEVEL, believe
from rarl_eval.belief.nouns import Belief, Check, Facts, Peer, Probed, Source, Test, Twin

__all__ = ["LEVEL", "Belief", "Check", "Facts", "Peer", "Probed", "Source", "Test", "Twin", "believe"]
