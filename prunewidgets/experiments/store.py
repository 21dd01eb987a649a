"""Finished runs in one SQLite file, written one by one: a killed process loses only its last."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Run = tuple[dict[str, Any], float]
"""The result, and how many seconds it took."""

COLUMNS = ["key", "settings", "result", "seconds", "date", "digest"]
EARLIER = COLUMNS[:-1]
"""Of files written before rows had a digest; no run in them has a key of today."""
WAIT = 60.0
"""Seconds to wait for another process that is writing."""


class RunStore:
    """A file of runs: one row each, with key, settings and result as JSON, seconds and date (UTC).

    SQLite does not notice bytes that a disk or a copy has changed, so a digest of the row is in it too, and a
    row that does not fit its own is refused.

    Several processes may use the same file at once. The file is opened for each reading and writing, so
    that nothing is held while a run takes its hours.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file, or make it.

        Raises:
            ValueError: the file is no SQLite database, or one of something else; it stays as it is.
            OSError: it cannot be opened or written.
        """
        self.path = Path(path).expanduser().absolute()  # also where a method changes the folder
        with self._open():
            pass

    def find(self, key: str) -> Run | None:
        """Return the run kept under this key, or None."""
        with self._open() as database:
            return self._found(database, key)

    def keep(self, key: str, settings: str, result: dict[str, Any], seconds: float) -> Run:
        """Write a finished run and return what stands in the file: another process's if that was first."""
        date = datetime.now(UTC).isoformat(timespec="seconds")
        row = (key, settings, json.dumps(result, allow_nan=False), seconds, date)
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)", (*row, _digest(row)))
            kept = self._found(database, key)
        assert kept is not None  # it was there, or has just been written
        return kept

    def _found(self, database: sqlite3.Connection, key: str) -> Run | None:
        row = database.execute(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        *content, digest = row
        try:
            if content[0] == key and digest == _digest(content):
                return dict(json.loads(content[2])), float(content[3])
        except (TypeError, ValueError):
            pass
        raise ValueError(f"{self._name}: a row is damaged (result {content[2]!r:.40}). {_WAY_OUT}")

    @property
    def _name(self) -> str:
        return f"the file of runs {str(self.path)!r}"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Every statement is a transaction of its own: all of it is written, or nothing."""
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as database:
                database.text_factory = lambda text: text.decode(errors="replace")  # seen by the digest
                self._check(database)
                yield database
        except sqlite3.OperationalError as error:
            raise OSError(
                f"{self._name} cannot be used: {error}. Is its folder there and writable, the disk not full?"
            ) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # its message may quote what is damaged
            raise ValueError(f"{self._name} is no such file, or damaged: {error}. {_WAY_OUT}") from error

    def _check(self, database: sqlite3.Connection) -> None:
        """Make the table in a new file; leave somebody else's database alone."""
        if self._columns(database) == COLUMNS:
            return
        database.execute("BEGIN IMMEDIATE")  # another process may be making the same file
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.execute(_TABLE)
        elif self._columns(database) == EARLIER:
            database.execute("ALTER TABLE runs ADD COLUMN digest TEXT")
        mine = self._columns(database) == COLUMNS
        database.execute("COMMIT" if mine else "ROLLBACK")
        if not mine:
            raise ValueError(f"{self._name} is a database of something else. {_WAY_OUT}")

    @staticmethod
    def _columns(database: sqlite3.Connection) -> list[str]:
        return [row[1] for row in database.execute("PRAGMA table_info(runs)")]


_WAY_OUT = "It was left as it is; move it away or give another path as `store`."
_TABLE = (
    "CREATE TABLE runs (key TEXT PRIMARY KEY, settings TEXT NOT NULL, result TEXT NOT NULL, "
    "seconds REAL NOT NULL, date TEXT NOT NULL, digest TEXT)"
)


def _digest(row: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(list(row)).encode()).hexdigest()
