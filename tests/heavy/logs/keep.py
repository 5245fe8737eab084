"""Keep the logs that the make_*.py scripts wrote as fixtures: ``python keep.py LOGS tests/fixtures/logs``.

What describes the machine that wrote them is taken out; nothing else is changed.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path


def main(logs: Path, kept: Path) -> None:
    for name in ("lm_eval", "lighteval", "eee"):
        shutil.rmtree(kept / name, ignore_errors=True)
        shutil.copytree(logs / name, kept / name)
    for file in kept.glob("lm_eval/*/results_*.json"):
        results = json.loads(file.read_text("utf-8"))
        results.pop("pretty_env_info", None)
        file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (kept / "inspect").mkdir(parents=True, exist_ok=True)
    (archive,), (text,) = (sorted((logs / "inspect").glob(f"*.{kind}")) for kind in ("eval", "json"))
    shutil.copyfile(archive, kept / "inspect" / "demo_math.eval")
    (kept / "inspect" / "demo_math.json.gz").write_bytes(gzip.compress(text.read_bytes(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
