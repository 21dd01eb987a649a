"""`make bench`: run every benchmark in its own process; `make bench ARGS="curve opening"`: only those."""

import subprocess
import sys

from .common import ROOT, machine
from .peers import environment

ROWS = (
    "opening",
    "mask_25m",
    "structured_masks",
    "shrink_resnet50",
    "curve",
    "sensitivity",
    "release",
    "drag_1m",
    "drag_25m",
    "many_views",
    "saved_notebook",
)

if __name__ == "__main__":
    asked = [word for word in sys.argv[1:] if not word.startswith("-")] or ROWS
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    unknown = sorted(set(asked) - set(ROWS))
    if unknown:
        sys.exit(f"There is no row {', '.join(unknown)}; there are {', '.join(ROWS)}.")
    environment.make()
    print(machine(), file=sys.stderr, flush=True)
    failed = [
        name
        for name in asked
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=ROOT).returncode
    ]
    sys.exit(f"Failed: {', '.join(failed)}." if failed else 0)
