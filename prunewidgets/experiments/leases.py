"""Leases of one call on the runs that it does, so that two calls with one store share the work."""

import contextlib
import threading
import uuid
from typing import TYPE_CHECKING

from .store import LEASE

if TYPE_CHECKING:
    from .store import RunStore


class Leases:
    """The runs of a store that this call does at the moment; a thread renews the leases until `close`.

    A killed process renews nothing, so others do its runs: at once where they see that it is gone, otherwise
    after `store.LEASE` seconds.
    """

    def __init__(self, store: "RunStore") -> None:
        """Hold none yet."""
        self._store, self._owner = store, uuid.uuid4().hex
        self._closed = threading.Event()
        self._renewing: threading.Thread | None = None

    def take(self, key: str) -> bool:
        """Return whether this call may do the run, which it then holds until it is stored, or `close`."""
        if not self._store.lease(key, self._owner):
            return False
        if self._renewing is None:
            self._renewing = threading.Thread(target=self._renew, name="leases of runs", daemon=True)
            self._renewing.start()
        return True

    def _renew(self) -> None:
        while not self._closed.wait(LEASE / 4):
            with contextlib.suppress(OSError, ValueError):  # at worst another process does the run too
                self._store.renew(self._owner)

    def close(self) -> None:
        """End the leases that are left: of runs that were not finished."""
        self._closed.set()
        if self._renewing is not None:
            self._renewing.join()
            with contextlib.suppress(OSError, ValueError):  # they end by themselves
                self._store.release(self._owner)
