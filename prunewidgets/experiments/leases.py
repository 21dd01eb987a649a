"""Leases on runs, so that several calls with one store share the work; one ends when its process does.

A lease is a lock on one byte of an empty file beside the store, at a place that the key of the run gives. The
system ends the locks of a process that is killed. Leases only save work: of two results for one key, the
store keeps the first.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path

_GUARD = threading.Lock()
_FILES: dict[Path, "_File"] = {}
"""One for each store: on most systems a process loses all its locks on a file when it closes it anywhere."""


class _File:
    """An open file of locks, and which of them this process has."""

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        self.held: set[str] = set()
        self.users = 0


class Leases:
    """The runs of a store that this call does at the moment."""

    def __init__(self, store: Path) -> None:
        """Open the file of leases. Where that is not possible, every lease is granted."""
        self._path = store.with_name(store.name + "-leases")
        self._mine: set[str] = set()
        with _GUARD, contextlib.suppress(OSError):
            if self._path not in _FILES:
                _FILES[self._path] = _File(self._path)
            _FILES[self._path].users += 1

    def take(self, key: str) -> bool:
        """Return whether this call may do the run with this key: nobody else does."""
        with _GUARD:
            file = _FILES.get(self._path)
            if file is None:
                return True
            if key in file.held or not _lock(file.number, _place(key)):
                return False
            file.held.add(key)
            self._mine.add(key)
            return True

    def give(self, key: str) -> None:
        """End the lease on a run: it is stored, or others may do it."""
        with _GUARD:
            if key in self._mine:
                file = _FILES[self._path]
                file.held.discard(key)
                self._mine.discard(key)
                _unlock(file.number, _place(key))

    def close(self) -> None:
        """End all leases of this call."""
        for key in list(self._mine):
            self.give(key)
        with _GUARD:
            file = _FILES.get(self._path)
            if file is None:
                return
            file.users -= 1
            if not file.users:
                os.close(file.number)
                del _FILES[self._path]


def _place(key: str) -> int:
    """Return the byte that stands for a key: two that share one would only wait for each other."""
    return int(key[:11], 16)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, place: int) -> bool:
        os.lseek(file, place, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int, place: int) -> None:
        os.lseek(file, place, os.SEEK_SET)
        with contextlib.suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: int, place: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a file system without locks: nothing is shared
            return True
        return True

    def _unlock(file: int, place: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
