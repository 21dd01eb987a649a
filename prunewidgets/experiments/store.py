"""Finished runs in one SQLite file, written one by one: a killed process loses only the unfinished run."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

Run = tuple[dict[str, Any], float]
"""The result, and the seconds it took."""

COLUMNS = ["key", "settings", "result", "seconds", "date", "digest"]
EARLIER = COLUMNS[:-1]
"""The columns of files written before rows had a digest; keys in these match no current key."""
FAILURES = ["key", "settings", "failure", "seconds", "date"]
WAIT = 60.0
"""Seconds to wait for another process that is writing."""


class RunStore:
    """A file of runs: one row each, with key, settings and result as JSON, seconds and date (UTC).

    SQLite does not detect bytes that a disk or a copy has changed, so each row also has a digest, and a row
    that does not match its digest is rejected.

    Several processes may use the same file at once. The file is opened for each read and write, so that
    nothing is locked during runs, which may take hours.

    Runs that failed are in a table of their own until they succeed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file, or create it.

        Raises:
            ValueError: the file is not an SQLite database of runs; it is left unchanged.
            OSError: the file cannot be opened or written.
        """
        self.path = Path(path).expanduser().absolute()  # a method may change the working directory
        with self._open():
            pass

    def find(self, key: str) -> Run | None:
        """Return the run stored under this key, or None.

        Raises:
            ValueError: the row or the file is damaged.
            OSError: the file cannot be read.
        """
        with self._open() as database:
            return self._found(database, key)

    def find_all(self, keys: Iterable[str]) -> dict[str, Run]:
        """Return the stored ones of these runs, read in one go; see `find`."""
        with self._open() as database:
            found = {key: self._found(database, key) for key in keys}
        return {key: run for key, run in found.items() if run is not None}

    def keep(self, key: str, settings: str, result: dict[str, Any], seconds: float) -> Run:
        """Store a finished run and return the stored one: that of another process if it was first."""
        row = (key, settings, json.dumps(result, allow_nan=False), seconds, _now())
        with self._open() as database, _transaction(database):
            database.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)", (*row, _digest(row)))
            kept = self._found(database, key)
            if self._columns(database, "failures"):
                database.execute("DELETE FROM failures WHERE key = ?", (key,))
        assert kept is not None  # it existed, or has just been written
        return kept

    def keep_failure(self, key: str, settings: str, failure: str, seconds: float) -> None:
        """Store that a run failed, in place of an earlier failure of the same run."""
        with self._open() as database, _transaction(database):
            database.execute(_FAILED)
            row = (key, settings, failure, seconds, _now())
            database.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)", row)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield settings and result as JSON, seconds, date and failure of all runs, the earliest first.

        Those that failed have ``{}`` as result, the others None as failure.
        """
        with self._open() as database:
            runs = database.execute(
                f"SELECT {', '.join(COLUMNS)} FROM runs WHERE digest IS NOT NULL ORDER BY rowid"
            )
            for *content, digest in runs:
                self._check_row(content, digest)
                yield *content[1:], None
            if self._columns(database, "failures"):
                failed = database.execute(f"SELECT {', '.join(FAILURES)} FROM failures ORDER BY rowid")
                for _, settings, failure, seconds, date in failed:
                    yield settings, "{}", seconds, date, failure

    def _found(self, database: sqlite3.Connection, key: str) -> Run | None:
        row = database.execute(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        *content, digest = row
        self._check_row(content, digest if content[0] == key else None)
        return dict(json.loads(content[2])), float(content[3])

    def _check_row(self, content: Sequence[Any], digest: str | None) -> None:
        """Raise ValueError if a row does not match its digest."""
        with suppress(TypeError, ValueError):
            if digest == _digest(content):
                return
        raise ValueError(f"{self._name}: a row is damaged (result {content[2]!r:.40}). {_WAY_OUT}")

    @property
    def _name(self) -> str:
        return f"the file of runs {str(self.path)!r}"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the database; each statement is a transaction of its own, written completely or not at all."""
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as database:
                # Changed bytes are found by the digest.
                database.text_factory = partial(str, encoding="utf-8", errors="replace")
                self._check(database)
                yield database
        except sqlite3.OperationalError as error:
            raise OSError(
                f"{self._name} cannot be used: {error}. Check that its folder exists and is writable, and "
                "that the disk is not full."
            ) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # its message may quote damaged text
            raise ValueError(
                f"{self._name} is not a file of runs, or is damaged: {error}. {_WAY_OUT}"
            ) from error

    def _check(self, database: sqlite3.Connection) -> None:
        """Create the table in a new file; leave a database of another program unchanged."""
        if self._columns(database) == COLUMNS:
            return
        database.execute("BEGIN IMMEDIATE")  # another process may be creating the same file
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.execute(_TABLE)
        elif self._columns(database) == EARLIER:
            database.execute("ALTER TABLE runs ADD COLUMN digest TEXT")
        mine = self._columns(database) == COLUMNS
        database.execute("COMMIT" if mine else "ROLLBACK")
        if not mine:
            raise ValueError(f"{self._name} is a database of another program. {_WAY_OUT}")

    @staticmethod
    def _columns(database: sqlite3.Connection, table: str = "runs") -> list[str]:
        return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


_WAY_OUT = "It was not changed; move it away or give another path as `store`."
_TABLE = (
    "CREATE TABLE runs (key TEXT PRIMARY KEY, settings TEXT NOT NULL, result TEXT NOT NULL, "
    "seconds REAL NOT NULL, date TEXT NOT NULL, digest TEXT)"
)
_FAILED = (
    "CREATE TABLE IF NOT EXISTS failures (key TEXT PRIMARY KEY, settings TEXT NOT NULL, "
    "failure TEXT NOT NULL, seconds REAL NOT NULL, date TEXT NOT NULL)"
)


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Do all the statements inside, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _digest(row: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(list(row)).encode()).hexdigest()
