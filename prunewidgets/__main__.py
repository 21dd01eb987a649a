"""``python -m prunewidgets doctor`` reports what works on this machine."""

import sys
from io import TextIOWrapper

from . import doctor


def main(arguments: list[str]) -> int:
    """Run the command ``doctor``; for anything else print the usage line and return exit status 2."""
    if arguments != ["doctor"]:
        print("Usage: python -m prunewidgets doctor", file=sys.stderr)
        return 2
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ shows ?, not a traceback
    return doctor.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
