"""rarl-eval tells whether a reasoning model's score can be believed.

One run, one record per answer, one report: is each answer right, was the question in the training data,
does the reward agree with the truth, and what did the answer cost in tokens.
"""

from pathlib import Path

# tasks/, contamination/ and leaderboards/ ship inside this package; in a checkout they sit beside it.
if not Path(__file__).with_name("tasks").is_dir():
    __path__.append(str(Path(__file__).parents[1]))

__version__ = "0.1.0"
