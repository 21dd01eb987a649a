"""Opening: `import prunewidgets` in a fresh Python."""

import statistics
import subprocess
import sys

from .common import ROOT, row

RUNS = 9
CODE = "import time; start = time.perf_counter(); import prunewidgets; print(time.perf_counter() - start)"


def fresh_import() -> float:
    run = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(run.stdout)


if __name__ == "__main__":
    fresh_import()  # the files into the cache of the system
    row("opening", "import", statistics.median(fresh_import() for _ in range(RUNS)), limit=0.3, runs=RUNS)
