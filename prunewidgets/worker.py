"""LatestJob: work in the background of which only the newest request matters."""

import logging
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
        self._number = 0  # of the newest request or cancellation; a job with a smaller one is outdated
        self._running: int | None = None  # number of the job that runs
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> bool:
        """Whether the newest request is still waiting or running: not finished, not cancelled."""
        with self._changed:
            return self._waiting is not None or self._running == self._number

    @property
    def here(self) -> bool:
        """Whether the caller is a job of this object."""
        return threading.current_thread() is self._thread

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

        Ctrl-C ends the waiting and leaves the job running. A job that waits for itself gets False at once.
        """
        if self.here:
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
                job, self._waiting, self._running = self._waiting, None, self._number
                if job is None:
                    self._running = self._thread = None
                    self._changed.notify_all()
                    return
                number = self._number
            try:
                job(lambda number=number: number != self._number)
            except BaseException:  # nobody is there to catch it, and the next job has to run
                logging.getLogger(__name__).exception("a measurement in the background failed")
