"""BackgroundWork: what a view measures or trains in the background, one newest job in each queue."""

import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import traitlets as t

from ..utils.latest_job import Job, LatestJob
from ..widgets.lab_view import LabView
from ..widgets.ledger_traits import LedgerTraits

MEASURING = "measuring"
"""The queue whose jobs set the view's traits `measuring` and `cancelled`."""


class BackgroundWork:
    """The background work of one view, in queues that run side by side.

    In each queue only the newest job counts: it replaces a waiting job and makes a running one outdated. An
    exception in a job is shown in the view, because no cell is waiting for it. Closing the view cancels every
    job; opening it again calls its `_measure_again`.
    """

    def __init__(self, view: LabView | LedgerTraits, *queues: str) -> None:
        """Make empty queues.

        Args:
            view: the view that holds this object.
            *queues: their names, in the order in which to wait for them: jobs of an earlier queue may
                submit to a later one. Errors are reported under the same name.
        """
        self._queues = {name: LatestJob() for name in queues}
        # Weak, so that a closed view is freed at once; a job that waits or runs holds the view.
        self._view: Callable[[], Any] = weakref.ref(view)
        view.observe(self._opened_or_closed, "comm")

    def submit(self, queue: str, job: Job) -> None:
        """Run a job next; drop a waiting job of this queue and make the running one outdated."""
        view = self._view()
        if queue == MEASURING:
            view.cancelled = False
        self._queues[queue].submit(partial(_run, view, queue, job))

    def drop(self, *queues: str) -> None:
        """Make the jobs of these queues outdated, without calling that cancelled."""
        for queue in queues:
            self._queues[queue].cancel()

    def cancel(self) -> None:
        """Make all jobs outdated; what they have published stays."""
        self.drop(*self._queues)
        self._view().cancelled = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all jobs are done; return False if that takes longer than `timeout` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        for queue in self._queues.values():
            if not queue.wait(None if end is None else max(0.0, end - time.monotonic())):
                return False
        return True

    def wait_for(self, queue: str) -> None:
        """Wait for the jobs of one queue; a job of that queue does not wait for itself."""
        self._queues[queue].wait()

    def is_running(self, queue: str) -> bool:
        """Return whether the newest job of this queue is waiting or running."""
        return self._queues[queue].current

    def is_inside(self, queue: str) -> bool:
        """Return whether the caller is a job of this queue."""
        return self._queues[queue].here

    def _opened_or_closed(self, change: t.Bunch) -> None:
        if change["new"] is None:
            self.drop(*self._queues)
        elif change["old"] is None:
            change["owner"]._measure_again()


def show_errors(
    view: LabView | LedgerTraits,
    source: str,
    work: Callable[[], object],
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Do the work and show its exception, which would be lost in a callback, in the view.

    Args:
        view: the view to show it in.
        source: what the error is reported under; the next work under this name clears it.
        work: the function to call.
        wanted: called after an exception; if it returns False, the error is not shown. Defaults to True.
    """
    try:
        work()
    except Exception as error:
        if wanted():
            view._report(source, f"{type(error).__name__}: {error}")
    else:
        view._report(source, "")


def _run(view: LabView | LedgerTraits, queue: str, job: Job, outdated: Callable[[], bool]) -> None:
    if queue == MEASURING:
        view.measuring = True
    try:
        show_errors(view, queue, partial(job, outdated), wanted=lambda: not outdated())
    finally:
        if queue == MEASURING:
            view.measuring = False
