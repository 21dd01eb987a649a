"""``python -m prunewidgets``: ``doctor`` says what works; ``workbook`` and ``page`` are for chapters."""

import sys
from io import TextIOWrapper

from . import classroom, doctor, workbook
from .pages import command as page

USAGE = """Usage:
  python -m prunewidgets doctor           report what works on this machine
  python -m prunewidgets workbook DIR     copy the chapters into a folder of yours
  python -m prunewidgets page NOTEBOOK [-o FILE]
                                          run a notebook and save it as a page that needs no Python
  python -m prunewidgets class DIR --chapters 01 05
                                          copy these chapters, run them and report what does not work"""


def main(arguments: list[str]) -> int:
    """Run a command; where there is none of this name, print the usage and return exit status 2."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ shows ?, not a traceback
    match arguments:
        case ["doctor"]:
            return doctor.main()
        case ["workbook", folder] if folder and not folder.startswith("-"):
            return workbook.main(folder)
        case ["page", notebook]:
            return page.main(notebook)
        case ["page", notebook, "-o", file] | ["page", "-o", file, notebook]:
            return page.main(notebook, file)
        case ["class", folder, "--chapters", *chapters] if chapters and not folder.startswith("-"):
            return classroom.main(folder, chapters)
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
