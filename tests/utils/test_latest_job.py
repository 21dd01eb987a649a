"""LatestJob: the newest request wins, the others stop."""

import threading

from prunewidgets.utils.latest_job import LatestJob


def test_the_newest_job_outdates_the_running_one():
    jobs, started, log = LatestJob(), threading.Event(), []

    def long(outdated):
        started.set()
        while not outdated():
            pass
        log.append("stopped")

    jobs.submit(long)
    assert started.wait(10)
    jobs.submit(lambda outdated: log.append("never"))
    jobs.submit(lambda outdated: log.append(f"newest, outdated: {outdated()}"))
    assert jobs.wait(10)
    assert log[0] == "stopped"
    assert log[-1] == "newest, outdated: False"


def test_cancel_stops_the_running_job_and_drops_the_waiting_one():
    jobs, started, log = LatestJob(), threading.Event(), []

    def long(outdated):
        started.set()
        while not outdated():
            pass

    jobs.submit(long)
    assert started.wait(10)
    jobs.cancel()
    assert jobs.wait(10)
    assert (jobs.current, log) == (False, [])


def test_no_thread_is_left_when_idle():
    jobs = LatestJob()
    jobs.submit(lambda outdated: None)
    assert jobs.wait(10)
    for thread in threading.enumerate():
        if thread.name == "prunewidgets":  # on its last line, if it still is there
            thread.join(10)
            assert not thread.is_alive()
    jobs.submit(lambda outdated: None)  # and it starts again
    assert jobs.wait(10)


def test_wait_times_out_and_a_job_does_not_wait_for_itself():
    jobs, answers, go = LatestJob(), [], threading.Event()

    def job(outdated):
        answers.append(jobs.wait(10))
        go.wait(10)

    jobs.submit(job)
    assert jobs.wait(0.3) is False
    go.set()
    assert jobs.wait(10)
    assert answers == [False]


def test_a_failed_job_does_not_stop_the_worker(caplog):
    def broken(outdated):
        raise SystemExit("enough")

    jobs, log = LatestJob(), []
    jobs.submit(broken)
    assert jobs.wait(10)
    assert "failed" in caplog.text
    jobs.submit(lambda outdated: log.append("next"))
    assert jobs.wait(10)
    assert log == ["next"]
