"""What the tokens of a run cost, and where to stop."""

from dataclasses import dataclass

from rarl_eval.types import Trace


@dataclass(frozen=True, kw_only=True)
class Price:
    """What tokens cost, and when to stop."""

    prompt_per_million: float = 0.0
    completion_per_million: float = 0.0
    cap: float | None = None
    """No further request is made once this much is spent; what is under way still arrives."""

    def of(self, trace: Trace) -> float:
        """Cost of one trace; tokens that nobody counted cost nothing here, which the cap cannot see.

        What came from the cache has been paid for; a count that is not believed is still what a server charges.
        """
        if trace.meta.get("cached"):
            return 0.0
        claimed = trace.meta.get("claimed_tokens", {})
        prompt = trace.tokens.prompt or claimed.get("prompt") or 0
        completion = trace.tokens.completion or claimed.get("completion") or 0
        return float(prompt * self.prompt_per_million + completion * self.completion_per_million) / 1e6
