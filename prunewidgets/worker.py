"""LatestJob: work in the background of which only the newest request matters."""

import threading
import time
from collections.abc import Callable

Job = Callable[[Callable[[], bool]], None]
"""A job gets `outdated()`, asks it often, and returns early once it says True."""


class LatestJob:
    """Runs one job at a time in a thread of its own. A new job makes the running one outdated.

    The thread ends when there is nothing left to do, so an idle object costs none.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._changed = threading.Condition()
        self._waiting: Job | None = None
        self._number = 0  # of the newest request; a job with a smaller one is outdated
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is running or waiting."""
        return self._thread is not None

    def submit(self, job: Job) -> None:
        """Do this next; forget what is waiting, outdate what is running."""
        with self._changed:
            self._number += 1
            self._waiting = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="prunewidgets", daemon=True)
                self._thread.start()

    def cancel(self) -> None:
        """Outdate what is running and forget what is waiting."""
        with self._changed:
            self._number += 1
            self._waiting = None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is running; False if that takes longer than `timeout` seconds.

        Ctrl-C ends the waiting and leaves the job running. A job that waits for itself returns at once.
        """
        if threading.current_thread() is self._thread:
            return False
        end = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while self._thread is not None:
                left = 0.2 if end is None else min(0.2, end - time.monotonic())
                if left <= 0:
                    return False
                self._changed.wait(left)  # short waits, so that an interrupt is noticed on every platform
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                job, number, self._waiting = self._waiting, self._number, None
                if job is None:
                    self._thread = None
                    self._changed.notify_all()
                    return
            job(lambda number=number: number != self._number)
