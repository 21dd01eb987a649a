"""The views' JavaScript and style, as the strings that anywidget sends to the page.

In `static/`: `numbers/` has functions of numbers alone, `page/` what every view shares, `views/` one file a
view and those that only a view uses.
"""

import posixpath
import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.[^"]*)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function|class) (\w+))", re.MULTILINE)


def module(name: str) -> str:
    """Return `static/views/name.js` and all that it imports as one module; its default export renders a view.

    The page gets a module as a string, from which no file next to it can be imported; so the files stand
    one after another, each once, each a function of its own: what it imports comes in as arguments, what it
    exports is returned, and all other names stay inside. (A string and not a path: with a path anywidget
    would keep every widget alive for ever.)

    Args:
        name: of the file; the file exports a function of the same name made by `renderer`.
    """
    place = f"views/{name}.js"
    parts: dict[str, str] = {}
    _collect(place, parts)
    joined = "".join(parts.values())
    return f'const files = {{}};\n{joined}export default {{ render: files["{place}"].{name} }};\n'


def _collect(place: str, parts: dict[str, str]) -> None:
    """Add a file after those that it imports."""
    if place in parts:
        return
    source = (STATIC / place).read_text(encoding="utf-8")
    imported = {
        posixpath.normpath(posixpath.join(posixpath.dirname(place), path)): names
        for names, path in _IMPORT.findall(source)
    }
    for other in imported:
        _collect(other, parts)
    body = _EXPORT.sub("", _IMPORT.sub("", source))
    arguments = ", ".join(imported.values())
    values = ", ".join(f'files["{other}"]' for other in imported)
    exported = ", ".join(_EXPORT.findall(source))
    made = f"(({arguments}) => {{\n{body}return {{ {exported} }};\n}})({values})"
    parts[place] = f'files["{place}"] = {made};\n'


def loader() -> str:
    """Return what the page loads for each view; it takes the view's module from the trait `script`."""
    return (STATIC / "loader.js").read_text(encoding="utf-8")


def stylesheet() -> str:
    """Return the style that all views share."""
    return (STATIC / "style.css").read_text(encoding="utf-8")
