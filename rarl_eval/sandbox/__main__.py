"""``python -m rarl_eval.sandbox``: a runner for ``--sandbox command:``, on standard input and output.

With ``--unsafe-local`` it runs programs even where nothing can wall them in, as in a container that is a wall itself.
"""

import sys

from rarl_eval.sandbox import Sandbox
from rarl_eval.sandbox.command import serve
from rarl_eval.sandbox.inside.lacking import PACKAGES

if __name__ == "__main__":
    accepted = "--unsafe-local" in sys.argv[1:]
    serve(
        sys.stdin.buffer,
        sys.stdout.buffer,
        lambda limits: Sandbox(limits=limits, jobs=1, packages=sorted(PACKAGES), unsafe_local=accepted),
    )
