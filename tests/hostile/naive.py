"""An executor as others have it, for the controls: program and tests in one ordinary process of the user.

    python naive.py verdict < JSON      runs code and tests together; exit status 0 or a printed PASSED is a pass
    python naive.py attempt < JSON      runs attempt() and prints its evidence
    python naive.py victim < JSON       the same in a child, beside a process to attack; prints what became of it

JSON: {"code": ..., "tests": ..., "places": {...}}.
"""

import ctypes
import errno
import json
import os
import subprocess
import sys
import time


def main() -> None:
    job = json.loads(sys.stdin.readline())
    {"verdict": verdict, "attempt": attempt, "victim": victim}[sys.argv[1]](job)


def verdict(job: dict) -> None:
    space = {"__name__": "solution"}
    exec(job["code"] + "\n" + job["tests"] + "\ncheck(f)", space)
    print("PASSED")


def attempt(job: dict) -> None:
    space = {"__name__": "solution", "PLACES": job["places"], "TOKEN_START": "token-", "TOKEN": job.get("token")}
    exec(job["code"], space)
    try:
        found = space["attempt"]()
    except OSError as error:
        print("REFUSED", errno.errorcode.get(error.errno, error.errno))
        raise
    if hasattr(found, "__next__"):
        for _ in found:
            pass
    if type(found) in {str, int, bytes}:
        refused = f"REFUSED {errno.errorcode.get(ctypes.get_errno(), 'without an error')}"
        print("EVIDENCE" if type(found) is not str or len(found) > 1000 else "EVIDENCE " + found if found else refused)
    elif found is not None:
        print("EVIDENCE")


def victim(job: dict) -> None:
    target = subprocess.Popen(["sleep", "60"])
    job["places"]["victim"] = target.pid
    print("harness alive at first", flush=True)
    child = subprocess.Popen([sys.executable, __file__, "attempt"], stdin=subprocess.PIPE, text=True)
    child.communicate(json.dumps(job) + "\n")
    time.sleep(0.05)
    print("victim", "dead" if target.poll() is not None else "alive", "harness alive at last", flush=True)
    target.kill()
    target.wait()


if __name__ == "__main__":
    # A dying parent must be able to take this process along.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
