"""Atomic file writes: a crash never leaves half a file under the final name."""

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
    """Yield a temporary path with the same extension; the file there replaces `path` at the end of the block.

    If the block raises, an existing file at `path` is not changed. The new file gets the permissions of the
    existing one; if `path` is a symbolic link, the file it points to is replaced and the link is kept. Files
    that a killed process left behind are removed when the same file is written again.

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
        # Private until the end: users without access to the older file must not read this one.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL, 0o666 if before is None else 0o600))
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        if before is not None:
            _copy_permissions(temporary, before)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _copy_permissions(temporary: Path, before: os.stat_result) -> None:
    """Set the owner (if permitted) and the permissions of the older file."""
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(stat.S_IMODE(before.st_mode))


def _prefix(path: Path) -> str:
    """Return the prefix of temporary names; it has the host name, as machines may share the folder."""
    machine = re.sub(r"\W", "", socket.gethostname())
    return f".{path.stem}-{machine}-"


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files for the same path whose process no longer runs."""
    pattern = re.compile(rf"{re.escape(_prefix(path))}(\d+)-[0-9a-f]{{8}}{re.escape(path.suffix)}(\.new)?")
    with suppress(OSError):
        for name in os.listdir(path.parent):
            found = pattern.fullmatch(name)
            if found and not _is_running(int(found[1])):
                (path.parent / name).unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # on Windows, os.kill would end the process
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # the process belongs to another user
        return True
    return True
