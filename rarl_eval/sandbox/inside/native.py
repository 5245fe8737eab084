"""A program of another language: built in one process, started in another, both behind the walls.

What a build leaves in its folder goes out as bytes and comes back for each run, so that it is built once however many
inputs it is run on.
"""

import os

from . import codec
from .solution import read_all

_ENVIRONMENT = ("HOME", "LANG", "PATH", "TMPDIR")


def build(handles: list[int]) -> int:
    """Build; descriptors: the job, what the build says, its files when it is done. Its exit code, 0 to 255."""
    job = codec.decode(read_all(handles[0]))
    _write(job["files"])
    _redirect(os.open("/dev/null", os.O_RDONLY), handles[1], handles[1])
    pid = os.posix_spawn(job["build"][0], job["build"], _environment(job["environment"]))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == 0:
        content = codec.encode({name: open(name, "rb").read() for name in _made() if name not in job["files"]})
        os.write(handles[2], len(content).to_bytes(8, "little"))
        view = memoryview(content)
        while view:
            view = view[os.write(handles[2], view) :]
    return code if 0 <= code < 256 else 128


def start(handles: list[int]) -> int:
    """Become the program; descriptors: the job, its standard input, output and error, what its build left."""
    job = codec.decode(read_all(handles[0]))
    built = read_all(handles[4])
    _write(codec.decode(built[8:]) if built else job["files"])
    _redirect(*handles[1:4])
    os.closerange(3, 4096)
    os.execve(job["run"][0], job["run"], _environment(job["environment"]))


def _write(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        os.makedirs(os.path.dirname(f"./{name}"), exist_ok=True)
        with open(name, "wb", opener=lambda path, flags: os.open(path, flags, 0o700)) as file:
            file.write(content)


def _made() -> list[str]:
    """Return what lies in the folder, but for caches."""
    found = []
    for place, folders, files in os.walk("."):
        folders[:] = [folder for folder in folders if not folder.startswith((".", "go-build"))]
        found += [os.path.join(place, name)[2:] for name in files]
    return sorted(found)


def _redirect(*handles: int) -> None:
    for target, handle in enumerate(handles):
        os.dup2(handle, target)


def _environment(own: dict[str, str]) -> dict[str, str]:
    return {**{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}, **own}
