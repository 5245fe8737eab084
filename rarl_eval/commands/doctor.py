"""``rarl-eval doctor``: say what is installed and what works here."""

import importlib.util
import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from rarl_eval import __version__, registry
from rarl_eval.commands import family, hubs
from rarl_eval.sandbox import Limits, Sandbox, examine, native, probe

_EXTRAS = {
    "local": "xllamacpp",
    "lm-eval": "lm_eval",
    "litellm": "litellm",
    "vllm": "vllm",
    "ray": "ray",
    "semantic": "sentence_transformers",
}
_BASE = ("datasets", "numba", "numpy", "pandas", "pyarrow", "rapidfuzz", "datasketch", "math-verify", "jinja2", "scipy")


@family.command("doctor")
@click.option("--hub", "ask_hub", is_flag=True, help="Try the hub of datasets: token, gated sets, each task's rows.")
def command(ask_hub: bool, as_json: bool) -> int:
    r"""Say what is installed and what works here: packages, extras, sandbox tier, languages, data folder.

    With --hub: whether the hub of datasets answers, whose token is sent, whether each gated set may be read, and which
    tasks' rows nobody has loaded from it. Exit code 1 if something is missing.

    \b
    Examples:
      rarl-eval doctor
      rarl-eval doctor --hub
      rarl-eval doctor --json
    """
    found = hubs.examine() if ask_hub else _examine()
    if as_json:
        family.print_json(found)
    else:
        for section, entries in found.items():
            click.echo(section)
            for name, state in entries.items():
                click.echo(f"  {name:<14} {state}")
    if ask_hub:
        return 1 if hubs.lacking(found) else 0
    return 1 if any(state == "missing" for state in found["base packages"].values()) else 0


def _examine() -> dict[str, dict[str, str]]:
    return {
        "program": {
            "rarl-eval": __version__,
            "python": sys.version.split()[0],
            "tasks": str(len(registry.task_names())),
        },
        "base packages": {name: _version(name) for name in _BASE},
        "extras": {name: _extra(name, module) for name, module in _EXTRAS.items()},
        "sandbox": _sandbox(),
        "languages": _languages(),
        "data": {"RARL_EVAL_DATA": _data_folder(), "free disk": f"{shutil.disk_usage(Path.cwd()).free >> 30} GiB"},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _extra(extra: str, module: str) -> str:
    if importlib.util.find_spec(module) is None:
        return f"not installed (pip install 'rarl-eval[{extra}]')"
    return "installed"


def _sandbox() -> dict[str, str]:
    tried = examine()
    missing = [name for name, said in tried.items() if said.startswith("missing")]
    return {"tier": probe().tier, "missing": ", ".join(missing) or "nothing", **tried}


def _languages() -> dict[str, str]:
    """Say which programs besides Python's can be built and run, each tried."""
    if probe().tier == "C":
        return {"none": "programs are not run here"}
    with Sandbox(jobs=1, limits=Limits(seconds=30)) as sandbox:
        return native.examine(sandbox.run)


def _data_folder() -> str:
    folder = os.environ.get("RARL_EVAL_DATA")
    if not folder:
        return "not set: benchmarks come from the hub, or from --source"
    return folder if Path(folder).is_dir() else f"{folder} is no folder"
