"""`make bench`: run every benchmark in its own process; `make bench ARGS="curve opening"`: only those."""

import argparse
import subprocess
import sys

from .common import ROOT, machine
from .peers import environment

ROWS = (
    "opening",
    "mask_25m",
    "structured_masks",
    "layer_solvers",
    "shrink_resnet50",
    "curve",
    "sensitivity",
    "release",
    "page",
    "drag_1m",
    "drag_25m",
    "many_views",
    "saved_notebook",
    "sweep",
    "plan",
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument("--all", action="store_true", help="also 100 million weights, which takes 1.5 GB")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.rows) - set(ROWS)):
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    environment.make()
    print(machine(), file=sys.stderr, flush=True)
    options = ["--all"] if asked.all else []
    failed = [
        name
        for name in asked.rows or ROWS
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=ROOT).returncode
    ]
    sys.exit(f"Failed: {', '.join(failed)}." if failed else 0)
