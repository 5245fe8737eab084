"""Started by the harness as ``python __main__.py CONTROL ORDERS``, two descriptors, with an empty environment."""

import importlib
import os
import sys

if __name__ == "__main__":
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, here)
    # The package by its folder's name: the harness itself is not on the path.
    zygote = importlib.import_module("inside.zygote")

    sys.path.remove(here)
    zygote.main(int(sys.argv[1]), int(sys.argv[2]))
    os._exit(0)  # nothing is left to tidy up, and the interpreter would take its time over it
