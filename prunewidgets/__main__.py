"""``python -m prunewidgets``: ``doctor`` says what works; the other commands are for chapters."""

import sys
from io import TextIOWrapper

from . import classroom, doctor, workbook
from .pages import command as page

USAGE = """Usage:
  python -m prunewidgets doctor           report what works on this machine
  python -m prunewidgets workbook DIR     copy the chapters into a folder of yours
  python -m prunewidgets page NOTEBOOK [-o FILE]
                                          run a notebook and save it as a page that needs no Python
  python -m prunewidgets lecture NOTEBOOK [-o FILE]
                                          the same page, which opens as slides
  python -m prunewidgets class DIR --chapters 01 05
                                          copy these chapters, run them and report what does not work
  python -m prunewidgets assign CHAPTER --for students|solutions|nbgrader|otter [-o DIR]
                                          write a chapter, such as 05, as it is handed out
  python -m prunewidgets assign CHAPTER --for students --individual NAMES.csv [-o DIR]
                                          the same, with numbers of their own for each student
  python -m prunewidgets grade DIR|NOTEBOOK... -o FILE.csv [--numbers NUMBERS.csv]
                                          mark what was handed in"""


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
        case ["lecture", notebook]:
            return page.main(notebook, lecture=True)
        case ["lecture", notebook, "-o", file] | ["lecture", "-o", file, notebook]:
            return page.main(notebook, file, lecture=True)
        case ["class", folder, "--chapters", *chapters] if chapters and not folder.startswith("-"):
            return classroom.main(folder, chapters)
        case ["assign", number, "--for", ("students" | "solutions" | "nbgrader" | "otter") as whom, *rest]:
            names, options = _options(rest, "-o", "--individual")
            if not names:
                from .homework import assign  # with it come nbclient and pandas, which others do not need

                return assign.main(number, whom, options["-o"], options["--individual"])
        case ["grade", *rest]:
            names, options = _options(rest, "-o", "--numbers")
            if names and options["-o"] and not any(name.startswith("-") for name in names):
                try:
                    from .homework import grade
                except ModuleNotFoundError as error:
                    print(f"grade needs {error.name!r}: pip install 'prunewidgets[lab]'", file=sys.stderr)
                    return 1
                return grade.main(names, options["-o"], numbers=options["--numbers"])
    print(USAGE, file=sys.stderr)
    return 2


def _options(arguments: list[str], *known: str) -> tuple[list[str], dict[str, str | None]]:
    """Return the arguments that are no options, and {option: the argument after it, or None}."""
    rest, found = list(arguments), dict[str, str | None](dict.fromkeys(known))
    for option in known:
        if option in rest[:-1]:
            place = rest.index(option)
            found[option] = rest[place + 1]
            del rest[place : place + 2]
    return rest, found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
