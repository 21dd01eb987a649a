"""A file that is there whole or not at all: no crash leaves half of it under its name."""

import os
import re
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Hand out a temporary path, with the same extension, that takes the place of `path` at the end.

    If the block raises, an older file at `path` stays as it was. The new one has its permissions; where
    `path` is a symbolic link, the file that it leads to is replaced, and the link stays. What a killed
    process left behind is removed when the same file is written again.

    Raises:
        FileNotFoundError: The folder does not exist.
    """
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent}; make it first.")
    _remove_leftovers(path)
    temporary = path.with_name(f"{_prefix(path)}{os.getpid()}-{secrets.token_hex(4)}{path.suffix}")
    before = path.stat() if path.exists() else None
    try:
        # Nobody may read along meanwhile who could not read the older file.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL, 0o666 if before is None else 0o600))
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        if before is not None:
            _give(temporary, before)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _give(temporary: Path, before: os.stat_result) -> None:
    """The owner, as far as that is allowed, and permissions of an older file."""
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(stat.S_IMODE(before.st_mode))


def _prefix(path: Path) -> str:
    """What temporary names begin with: another machine may write to the same folder."""
    machine = re.sub(r"\W", "", socket.gethostname())
    return f".{path.stem}-{machine}-"


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of the same name whose process is no longer there."""
    pattern = re.compile(rf"{re.escape(_prefix(path))}(\d+)-[0-9a-f]{{8}}{re.escape(path.suffix)}(\.new)?")
    with suppress(OSError):
        for name in os.listdir(path.parent):
            found = pattern.fullmatch(name)
            if found and not _runs(int(found[1])):
                (path.parent / name).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    if os.name == "nt":  # there, os.kill would end it
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to somebody else
        return True
    return True
