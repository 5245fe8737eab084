"""``--sandbox``: an outside runner by its command, or one in an image that docker or podman runs."""

import shlex

from rarl_eval.errors import BadInput

_CLIENTS = ("docker", "podman")
_WALLS = (
    "run --interactive --rm --network none --read-only --tmpfs /tmp --cap-drop ALL "
    "--security-opt no-new-privileges --pids-limit 1024"
)
_RUNNER = "python -m rarl_eval.sandbox"


def command_of(given: str) -> str:
    """Return the command that ``command:CMD``, ``docker:IMAGE`` or ``podman:IMAGE`` means.

    An image holds this package beside what its programs need (docs/sandbox.md); the runner in it takes the best tier
    that works inside, or accepts none, since the container itself is a wall then.
    """
    kind, colon, rest = given.partition(":")
    rest = rest.strip()
    if colon and kind == "command" and rest:
        return rest
    if colon and kind in _CLIENTS and rest:
        return f"{kind} {_WALLS} {shlex.quote(rest)} {_RUNNER} --unsafe-local"
    raise BadInput(
        f"--sandbox {given!r} is none of command:CMD, docker:IMAGE and podman:IMAGE, each with something behind the "
        "colon; leave it out for the sandbox of this machine"
    )
