"""Distinguish modules of installed packages, identified by version, from the user's own code."""

import functools
import hashlib
import importlib.metadata
import importlib.util
import sys
import sysconfig
from pathlib import Path

_STANDARD = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib"))
_PYTHON = ".".join(map(str, sys.version_info[:2]))
_ME = __name__.partition(".")[0]


def version_of(module: str | None) -> str | None:
    """Return the version of the package that a module belongs to, or None for the user's own code.

    The user's own code is a notebook, a script, or a package outside site-packages (so also one installed in
    editable mode). This package itself, if outside site-packages, is identified by a digest of its files.

    Args:
        module: The full name of the module.
    """
    top = (module or "").partition(".")[0]
    return None if top in ("", "__main__", "__mp_main__") else _version(top)


@functools.cache
def _version(top: str) -> str | None:
    if top in sys.builtin_module_names:
        return _PYTHON
    path = _path_of(top)
    if path == "frozen":
        return _PYTHON
    if path is None:
        return None
    place = Path(path).resolve()
    if {"site-packages", "dist-packages"} & set(place.parts):
        return _distribution(top) or _files(place)
    if any(place.is_relative_to(folder) for folder in _STANDARD):
        return _PYTHON
    return _files(place) if top == _ME else None


def _path_of(top: str) -> str | None:
    """Return the path of a module without importing it; "frozen" if built into Python; None if not found."""
    try:
        spec = getattr(sys.modules.get(top), "__spec__", None) or importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return getattr(sys.modules.get(top), "__file__", None)
    places = list(spec.submodule_search_locations or ())
    return spec.origin or (places[0] if places else None)


def _distribution(top: str) -> str | None:
    try:
        return importlib.metadata.version(top)
    except importlib.metadata.PackageNotFoundError:
        names = importlib.metadata.packages_distributions().get(top)
        return "/".join(sorted({importlib.metadata.version(name) for name in names})) if names else None


def _files(place: Path) -> str:
    """Return a digest of the source files of a package."""
    digest = hashlib.sha256()
    folder = place.parent if place.name == "__init__.py" else place
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [place]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
