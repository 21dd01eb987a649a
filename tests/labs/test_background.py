"""Background work: the newest job wins, errors are shown, and a closed view does and holds nothing."""

import gc
import threading
import weakref

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.labs.background import BackgroundWork
from prunewidgets.widgets.ledger_traits import LedgerTraits


class View(LedgerTraits):
    """Traits with background work, and nothing measured."""

    def __init__(self):
        self.again = []
        self.background = BackgroundWork(self, "first", "measuring")
        super().__init__(np.eye(3))

    def _measure_again(self):
        self.again.append(self.generation)


@pytest.fixture
def view():
    return View()


class WaitingJob:
    """A job that waits for `go`, notes whether it was outdated then, and fails if it is to."""

    def __init__(self, error=None):
        self.entered, self.go, self.was_outdated, self.error = threading.Event(), threading.Event(), [], error

    def __call__(self, outdated):
        self.entered.set()
        assert self.go.wait(20)
        self.was_outdated.append(outdated())
        if self.error:
            raise self.error


def test_jobs_of_two_queues_run_side_by_side_and_all_are_waited_for(view):
    go, done = threading.Event(), []

    def first(outdated):
        assert go.wait(20)
        view.background.submit("measuring", lambda outdated: done.append("measured"))
        done.append("first")

    view.background.submit("first", first)
    assert view.background.wait(0.01) is False and view.background.is_running("first")
    go.set()
    assert view.background.wait(20) is True
    assert sorted(done) == ["first", "measured"]


def test_only_the_queue_of_measurements_is_said_to_measure(view):
    seen = {}
    view.background.submit("first", lambda outdated: seen.update(first=view.measuring))
    assert view.background.wait(20)
    view.background.submit("measuring", lambda outdated: seen.update(measuring=view.measuring))
    assert view.background.wait(20)
    assert seen == {"first": False, "measuring": True} and view.measuring is False


def test_an_error_is_shown_until_the_next_job_of_its_queue(view):
    view.background.submit("first", lambda outdated: 1 / 0)
    view.background.submit("measuring", lambda outdated: None)
    assert view.background.wait(20)
    assert view.error == "ZeroDivisionError: division by zero"
    view.background.submit("first", lambda outdated: None)
    assert view.background.wait(20)
    assert view.error == ""


def test_cancelled_is_said_until_something_is_measured_again_and_its_error_is_not(view):
    job = WaitingJob(ValueError("of a cancelled measurement"))
    view.background.submit("measuring", job)
    assert job.entered.wait(20)
    view.background.cancel()
    job.go.set()
    assert view.background.wait(20)
    assert (job.was_outdated, view.cancelled, view.error) == ([True], True, "")
    view.background.submit("measuring", lambda outdated: None)
    assert view.cancelled is False


def test_closing_makes_jobs_outdated_and_opening_measures_again(view):
    job = WaitingJob()
    view.background.submit("first", job)
    assert job.entered.wait(20)
    before = list(view.again)
    view.close()
    job.go.set()
    assert view.background.wait(20)
    assert job.was_outdated == [True] and view.cancelled is False and view.again == before
    view.open()
    assert view.again == [*before, 1]


@pytest.mark.parametrize("make", [View, lambda: pw.LedgerView(np.eye(3))])
def test_a_closed_view_is_freed_at_once(make):
    """It may hold many weights; no cycle keeps them until the next collection."""
    view = make()
    gc.collect()
    gc.disable()
    try:
        if isinstance(view, pw.LedgerView):
            assert view.wait(20)
        view.close()
        seen = weakref.ref(view)
        del view
        assert seen() is None
    finally:
        gc.enable()
