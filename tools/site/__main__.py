"""``make site``: builds the site, or opens every page of it."""

import sys

from .build import SITE, Sources, build
from .chapters import listed
from .check import check

USAGE = "Usage: python -m tools.site [--check]"


def main(arguments: list[str]) -> int:
    """Build the site, or check it; return the exit status."""
    match arguments:
        case []:
            return build(SITE, Sources(listed()))
        case ["--check"]:
            return check(SITE)
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
