"""LatestJob: background work in which only the newest request counts."""

import logging
import threading
import time
from collections.abc import Callable

Outdated = Callable[[], bool]
"""Returns whether a newer request has come, so that the work may stop."""

Job = Callable[[Outdated], None]
"""A job is called with a function `outdated`, calls it often, and returns early once that returns True."""

PAUSE = 0.005
"""Seconds between two checks whether the work is done."""


class _Request:
    """A job, or None for a cancellation. Requests are compared by identity."""

    def __init__(self, job: Job | None) -> None:
        self.job, self.wanted = job, job is not None


class LatestJob:
    """Runner of one job at a time in a background thread. A new job makes the running one outdated.

    The thread ends when there is nothing left to do, so an idle object has no thread.

    Ctrl-C may come at any moment in the thread that submits and waits. So that thread takes no lock, which an
    interrupt could leave locked: each request is a single assignment, and `wait` starts a thread if the
    interrupt came before `submit` could.
    """

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._newest = self._finished = _Request(None)
        self._one = threading.Lock()  # only for the threads that run jobs
        self._taking = False  # whether such a thread will check for a newer request before it ends
        self._runner: threading.Thread | None = None

    @property
    def current(self) -> bool:
        """Whether the newest request is a job that is still waiting or running, not finished or cancelled."""
        newest = self._newest
        return newest.wanted and newest is not self._finished

    @property
    def here(self) -> bool:
        """Whether the caller is a job of this object."""
        return threading.current_thread() is self._runner

    def submit(self, job: Job) -> None:
        """Run `job` next; drop a waiting job and make the running one outdated."""
        self._newest = _Request(job)
        self._start()

    def cancel(self) -> None:
        """Make the running job outdated and drop a waiting one."""
        if self._newest is not self._finished:
            self._newest = _Request(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all requests are done; return False if that takes longer than `timeout` seconds.

        Ctrl-C ends the wait but not the job. In a job of this object, it returns False at once.
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
        """Start a thread, unless one will check for requests; a superfluous thread finds nothing and ends."""
        if not self._taking:
            threading.Thread(target=self._run, name="prunewidgets", daemon=True).start()

    def _run(self) -> None:
        with self._one:
            self._runner = threading.current_thread()
            # Checked again after `_taking` is cleared: a request made before that started no thread.
            while self._newest is not self._finished:
                self._taking = True
                while (request := self._newest) is not self._finished:
                    self._do(request)
                    self._finished = request
                self._taking = False
            self._runner = None

    def _do(self, request: _Request) -> None:
        job, request.job = request.job, None  # frees what the job holds when it is done
        if job is None:
            return
        try:
            job(lambda: self._newest is not request)
        except BaseException:  # no caller can catch it, and the next job must run
            logging.getLogger(__name__).exception("a background job failed")
