"""The views' JavaScript and style, as the strings that anywidget sends to the page.

In `static/`, `numbers/` has functions that need no page, `page/` what all views share, `lecture/` the slides,
and `views/` one file per view and the files that only one view uses.
"""

import base64
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.[^"]*)";\n', re.MULTILINE)
_FONT = re.compile(r'(?<=")fonts/\w+\.woff2(?=")')
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (\w+))", re.MULTILINE)


def module(name: str) -> str:
    """Return `static/views/name.js` and all its imports as one module; its default export renders a view.

    The page gets the module as a string, which cannot import the files next to it. (A string and not a path:
    with a path anywidget would keep every widget alive forever.)

    Args:
        name: name of the file, which exports a function of the same name made by `renderer`.
    """
    place = f"views/{name}.js"
    return f'{joined([place], STATIC)}export default {{ render: files["{place}"].{name} }};\n'


def joined(places: Iterable[str], root: Path) -> str:
    """Return a script that has these files, and all that they import, in an object `files`.

    The files are concatenated, each once and each wrapped in a function: its imports are the arguments, its
    exports are returned, and all other names stay local. Lines that are comments are left out: every page and
    every notebook carries the rest.

    Args:
        places: paths of JavaScript files under `root`; `files[place]` has the exports of each.
        root: a folder.
    """
    parts: dict[str, str] = {}
    for place in places:
        _collect(place, parts, root)
    return "const files = {};\n" + "".join(parts.values())


def _collect(place: str, parts: dict[str, str], root: Path) -> None:
    """Add a file to `parts`, after the files that it imports."""
    if place in parts:
        return
    source = _COMMENT.sub("", (root / place).read_text(encoding="utf-8"))
    imported = {
        posixpath.normpath(posixpath.join(posixpath.dirname(place), path)): names
        for names, path in _IMPORT.findall(source)
    }
    for other in imported:
        _collect(other, parts, root)
    body = _FONT.sub(_in_base64, _EXPORT.sub("", _IMPORT.sub("", source)))
    arguments = ", ".join(imported.values())
    values = ", ".join(f'files["{other}"]' for other in imported)
    exported = ", ".join(_EXPORT.findall(source))
    made = f"(({arguments}) => {{\n{body}return {{ {exported} }};\n}})({values})"
    parts[place] = f'files["{place}"] = {made};\n'


def _in_base64(name: re.Match[str]) -> str:
    """Return a file of `static/`, which the page cannot fetch, as text to put into the module."""
    return base64.b64encode((STATIC / name[0]).read_bytes()).decode()


def loader() -> str:
    """Return the module that the page loads first; it takes a view's own module from the trait `script`."""
    return (STATIC / "loader.js").read_text(encoding="utf-8")


def stylesheet() -> str:
    """Return the stylesheet that all views share."""
    names = ("style.css", "ledger.css", "plan.css", "hands.css")
    return "".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def lecture_style(notebook: bool = False) -> str:
    """Return the style of a lecture.

    Args:
        notebook: with that of the cells of a notebook; a saved page has its own.
    """
    names = ("lecture.css", "notebook.css") if notebook else ("lecture.css",)
    return "".join((STATIC / "lecture" / name).read_text(encoding="utf-8") for name in names)
