"""``python -m prunewidgets workbook DIR``: the chapters, copied to a folder where they may be changed.

What was copied is recorded with its digest, so a second copy into the same folder knows which files the
reader has changed since and leaves those alone. ``make lab`` opens such a copy of the clone's chapters.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .data import clone
from .doctor import in_colab
from .utils.atomic_file import whole_file
from .utils.this_python import this_python

RECORD = ".prunewidgets.json"
FIRST = "00_start_here.ipynb"
LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", "saved"}
"""Folders that are no part of the workbook: left by Python, JupyterLab and the chapters themselves."""


@dataclass(frozen=True)
class Copied:
    """What a copy did.

    Attributes:
        folder: Where the chapters are now.
        changed: The files that differ from the workbook's, since the reader changed them; they stay so.
        outdated: Those of them of which there is a new version since they were copied.
    """

    folder: Path
    changed: list[str]
    outdated: list[str]


def main(folder: str) -> int:
    """Copy the chapters and print what to do next.

    Returns:
        The exit status: 0, or 1 if the folder cannot be used, which one printed line explains.
    """
    try:
        copied = copy(source(), Path(folder))
    except OSError as error:
        print(why_not(error), file=sys.stderr)
        return 1
    if in_colab():
        print(f"The checks of the chapters are in {copied.folder}.")
        return 0
    print(f"The workbook is in {copied.folder}. What you change there stays when you run this again.")
    if copied.changed:
        print(
            f"Not overwritten, because you changed them: {', '.join(copied.changed)}. To get one as it was, "
            "rename yours and run this again, or name another folder."
        )
    missing = [extra for extra, module in EXTRAS.items() if find_spec(module) is None]
    if missing:
        print(f"First: pip install 'prunewidgets[{','.join(missing)}]'")
    print(f'Next: {this_python()} -m jupyterlab "{copied.folder / FIRST}"')
    if not clone.in_clone():
        print(
            "The digits (11 MB) are downloaded once, when a chapter first asks for them. To do it now: "
            'python -c "import prunewidgets as pw; pw.datasets.mnist()"'
        )
    return 0


EXTRAS = {"tensorflow": "tensorflow", "lab": "jupyterlab"}
"""Extra of this package -> the module that it brings."""


def why_not(error: OSError) -> str:
    """Return in one sentence why the chapters could not be copied."""
    if error.errno is None:  # one of the errors below, which are sentences
        return str(error)
    return f"The workbook cannot be copied there ({error.strerror}: {error.filename}); name another folder."


def source() -> Path:
    """Return the folder of the chapters: in the installed package, or beside it in a clone."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / FIRST).is_file():
            return folder
    raise FileNotFoundError(f"The chapters are missing in {package}: install prunewidgets again.")


def numbered(chapters: Path) -> dict[str, Path]:
    """Return {number of a chapter, such as "03b": its notebook}, in their order."""
    return {path.name.partition("_")[0]: path for path in sorted(chapters.glob("[0-9]*_*.ipynb"))}


def chapter_number(chapters: Path, name: str) -> str:
    """Return the number of the chapter that is called "05", "5", "05_a_cnn_on_mnist", or by a path of it.

    Raises:
        ValueError: there is no such chapter.
    """
    known = numbered(chapters)
    stem = name.replace("\\", "/").rpartition("/")[2].removesuffix(".ipynb")
    first = stem.partition("_")[0]
    for number in (first, f"0{first}"):
        if number in known and stem in (first, known[number].stem):
            return number
    raise ValueError(f"There is no chapter {name!r}; name one of {', '.join(known)}.")


def copy(chapters: Path, folder: Path, wanted: Callable[[str], bool] = lambda name: True) -> Copied:
    """Copy the chapters, their checks, pictures, recorded runs and solutions into a folder.

    A file that the reader has changed is not written; an older version that the reader has not changed is
    replaced, and what is missing is copied.

    Args:
        chapters: where they are.
        folder: where they go.
        wanted: whether a file of this name, relative to the chapters, is copied. Defaults to all of them.

    Raises:
        FileExistsError: The folder has files of the same names that no copy put there, is the chapters' own,
            or is a file.
        OSError: The folder cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; name a folder.")
    if folder.is_relative_to(chapters.resolve()):
        raise FileExistsError(f"{folder} belongs to the chapters themselves; name another folder.")
    files = {name: (chapters / name).read_bytes() for name in file_names(chapters) if wanted(name)}
    present = {name: _digest((folder / name).read_bytes()) for name in files if (folder / name).exists()}
    new = {name: _digest(content) for name, content in files.items()}
    record = folder / RECORD
    recorded = _read(record)
    strange = [name for name, digest in present.items() if digest != new[name]]
    if strange and not record.exists():
        raise FileExistsError(
            f"{folder} has a {strange[0]} of its own, which is not overwritten; name another folder."
        )
    changed, outdated = [], []
    for name, content in files.items():
        if present.get(name) in (None, recorded.get(name)) and present.get(name) != new[name]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with whole_file(folder / name) as temporary:
                temporary.write_bytes(content)
        elif present[name] != new[name]:
            changed.append(name)
            if recorded.get(name) != new[name]:
                outdated.append(name)
            new[name] = recorded.get(name, "")
    with whole_file(record) as temporary:
        temporary.write_text(json.dumps(recorded | new, indent=1), encoding="utf-8")
    return Copied(folder, changed, outdated)


def replace(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of a copy by one that counts as unchanged: the next copy may replace it again."""
    record = folder / RECORD
    with whole_file(record) as temporary:  # first: a file that is as it was copied is unchanged, too
        temporary.write_text(json.dumps(_read(record) | {name: _digest(content)}, indent=1), encoding="utf-8")
    with whole_file(folder / name) as temporary:
        temporary.write_bytes(content)


def file_names(chapters: Path) -> Iterator[str]:
    """Yield the names of the workbook's files, relative to its folder."""
    for path in sorted(chapters.rglob("*")):
        name = path.relative_to(chapters)
        if path.is_file() and not LEFT_BEHIND.intersection(name.parts) and not path.name.startswith("."):
            yield name.as_posix()


def _read(record: Path) -> dict[str, str]:
    """Return name -> digest of what earlier copies wrote; nothing where that cannot be read."""
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
