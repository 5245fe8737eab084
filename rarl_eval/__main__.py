"""``python -m rarl_eval``."""

from rarl_eval.cli import main

main()
