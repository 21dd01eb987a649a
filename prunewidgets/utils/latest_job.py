"""LatestJob: work in the background of which only the newest request matters."""

import logging
import threading
import time
from collections.abc import Callable

Job = Callable[[Callable[[], bool]], None]
"""A job gets `outdated()`, asks it often, and returns early once it says True."""

PAUSE = 0.005
"""Seconds between two looks at whether the work is done."""


class _Request:
    """A job, or None for a cancellation. Which request is newest is told by identity."""

    def __init__(self, job: Job | None) -> None:
        self.job, self.wanted = job, job is not None


class LatestJob:
    """Runs one job at a time in a thread of its own. A new job makes the running one outdated.

    The thread ends when there is nothing left to do, so an idle object costs none.

    Ctrl-C may come at any moment in the thread that asks and waits. So that thread takes no lock, which an
    interrupt could leave locked: each thing it says is one assignment, and `wait` starts a thread if the
    interrupt came before `submit` could.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._newest = self._finished = _Request(None)
        self._one = threading.Lock()  # among the threads that run jobs
        self._taking = False  # whether such a thread looks for a newer request before it ends
        self._runner: threading.Thread | None = None

    @property
    def current(self) -> bool:
        """Whether the newest request is still waiting or running: not finished, not cancelled."""
        newest = self._newest
        return newest.wanted and newest is not self._finished

    @property
    def here(self) -> bool:
        """Whether the caller is a job of this object."""
        return threading.current_thread() is self._runner

    def submit(self, job: Job) -> None:
        """Do this next; forget what is waiting, outdate what is running."""
        self._newest = _Request(job)
        self._start()

    def cancel(self) -> None:
        """Outdate what is running and forget what is waiting."""
        if self._newest is not self._finished:
            self._newest = _Request(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is running; False if that takes longer than `timeout` seconds.

        Ctrl-C ends the waiting and leaves the job running. A job that waits for itself gets False at once.
        """
        if self.here:
            return False
        end = None if timeout is None else time.monotonic() + timeout
        while self._newest is not self._finished:
            if end is not None and time.monotonic() >= end:
                return False
            self._start()
            time.sleep(PAUSE)
        return True

    def _start(self) -> None:
        """Start a thread, unless one is about to look; one too many finds nothing to do and ends."""
        if not self._taking:
            threading.Thread(target=self._run, name="prunewidgets", daemon=True).start()

    def _run(self) -> None:
        with self._one:
            self._runner = threading.current_thread()
            # Looked at once more after `_taking` has gone: whoever asked before that started no thread.
            while self._newest is not self._finished:
                self._taking = True
                while (request := self._newest) is not self._finished:
                    self._do(request)
                    self._finished = request
                self._taking = False
            self._runner = None

    def _do(self, request: _Request) -> None:
        job, request.job = request.job, None  # what it holds goes with it
        if job is None:
            return
        try:
            job(lambda: self._newest is not request)
        except BaseException:  # nobody is there to catch it, and the next job has to run
            logging.getLogger(__name__).exception("a measurement in the background failed")
