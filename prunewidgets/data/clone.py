"""The folder ``datasets/`` of a clone: where it is, and files of it that are checked before they are used."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "datasets"


def in_clone() -> bool:
    """Return whether this package runs from a clone, with ``datasets/`` next to it.

    The check is for the script, not the folder: in site-packages, ``datasets`` may be another package.
    """
    return (FOLDER / "build_mnist.py").is_file()


def checked(path: Path, sha256: str, way_out: str) -> bytes:
    """Return the content of a file, which has this digest.

    The digest is computed from the same bytes that are returned, so they are those of the committed file.

    Args:
        path: The file.
        sha256: Its digest, in hexadecimal.
        way_out: How to restore it, as the last sentence of an error.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The digest differs: the file is truncated or altered.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} is missing: expected a file with SHA-256 {sha256}. {way_out}"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} is truncated or altered: it has {len(content):,} bytes and SHA-256 {found}, "
            f"expected SHA-256 {sha256}. {way_out}"
        )
    return content
