"""The environment of the PyTorch peers, .venv-bench, made once; and the times of a peer's module in it."""

import json
import subprocess
import sys
import venv

from ..common import ROOT

FOLDER = ROOT / ".venv-bench"
PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
WANTED = ROOT / "benchmarks" / "peers" / "requirements.txt"
STAMP = FOLDER / "peers.stamp"


def make() -> None:
    """Install the peers; if that fails, report it and continue: the rows will have no peer."""
    wanted = WANTED.read_text(encoding="utf-8")
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Making .venv-bench for the peers, once.", file=sys.stderr, flush=True)
    venv.create(FOLDER, with_pip=True, clear=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--requirement", WANTED]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        print(f"The peers cannot be installed here: {done.stderr.strip()[-300:]}", file=sys.stderr)
    else:
        STAMP.write_text(wanted, encoding="utf-8")


def torch_times(module: str, *arguments: object) -> tuple[list[float], str]:
    """Run a module of this folder in .venv-bench; return its seconds per run and its name.

    Without torch there are no seconds.
    """
    if not STAMP.exists():
        return [], "torch (not installed: make bench)"
    command = [PYTHON, "-m", f"benchmarks.peers.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return [], f"torch (failed: {done.stderr.strip().splitlines()[-1]})"
    measured = json.loads(done.stdout.splitlines()[-1])
    return measured["seconds"], measured["name"]
