"""Rule rewards that every record gets: cheap signals of the kind that train models, to hold against the verdict.

``format`` pays for any readable final answer, ``brevity`` for fewer characters. Neither looks at the truth, so their
agreement with it is a baseline that a real reward must beat. Recorded rewards are kept beside them.
"""

from rarl_eval.types import Reward, Trace, Verdict


def rule_rewards(trace: Trace, verdict: Verdict) -> tuple[Reward, ...]:
    """Return the rule rewards of an answered trace."""
    return (
        Reward(name="format", judge="rule", meaning="shaping", score=float(verdict.extracted is not None)),
        Reward(
            name="brevity", judge="rule", meaning="shaping", score=-float(len(trace.text) + len(trace.reasoning or ""))
        ),
    )
