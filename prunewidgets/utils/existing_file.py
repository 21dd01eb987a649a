"""One error for a file that is to be read and is not there."""

from pathlib import Path


def check_file(path: Path) -> None:
    """Raise FileNotFoundError if there is no file at this path."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}; check the folder and the name.")
