"""What `make test` runs after ruff: tests without a browser, tests in one, and those that run alone.

Arguments are passed to pytest each time: `make test ARGS="-k masks"`. `make test-all` passes `--all`,
for heavy tests too.
"""

import os
import subprocess
import sys

ALL = "--all"

NOTHING_SELECTED = 5
"""pytest's exit code if the arguments select no test."""

MOST_PROCESSES = 4
"""Each process loads TensorFlow and needs 1 to 2 GB."""

IN_PARALLEL = ["--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0"]
"""A crash ends the run: pytest-xdist 3.8 would wait forever for the tests of the process that it replaced."""


def main(arguments):
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    in_parallel = ["-n", str(processes), *IN_PARALLEL]
    heavy = "" if ALL in arguments else " and not heavy"
    arguments = [argument for argument in arguments if argument != ALL]
    runs = [
        ["-m", f"not alone and not browser{heavy}", *in_parallel],
        ["-m", f"browser and not alone{heavy}", *in_parallel],
        ["-m", f"alone{heavy}"],
    ]
    codes = [run([*options, *arguments]) for options in runs]
    failed = [code for code in codes if code not in (0, NOTHING_SELECTED)]
    return failed[0] if failed else min(codes)


def run(options):
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
