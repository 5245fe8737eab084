"""``python -m rarl_eval.sandbox``: a runner for ``--sandbox command:``, on standard input and output."""

import sys

from rarl_eval.sandbox import Sandbox
from rarl_eval.sandbox.command import serve

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, lambda limits: Sandbox(limits=limits, jobs=1))
