"""The views' JavaScript and style, as the strings that anywidget sends to the page."""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


def module(name: str) -> str:
    """Return `static/name.js` and all that it imports as one module whose default export renders a view.

    The page gets a module as a string, from which no file next to it can be imported; so the files stand
    one after another, each once, and the import lines between them go. (A string and not a path: with a
    path anywidget would keep every widget alive for ever.)

    Args:
        name: of the file; the file exports a function of the same name made by `renderer`.
    """
    parts: dict[str, str] = {}
    _collect(name, parts)
    return "".join(parts.values()) + f"\nexport default {{ render: {name} }};\n"


def _collect(name: str, parts: dict[str, str]) -> None:
    """Add a file after those that it imports."""
    if name in parts:
        return
    source = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    for other in _IMPORT.findall(source):
        _collect(other, parts)
    parts[name] = _IMPORT.sub("", source)


def loader() -> str:
    """Return what the page loads for each view; it takes the view's module from the trait `script`."""
    return (STATIC / "loader.js").read_text(encoding="utf-8")


def stylesheet() -> str:
    """Return the style that all views share."""
    return (STATIC / "style.css").read_text(encoding="utf-8")
