"""Interrupts in a real kernel: each is raised, shown in a few lines, and leaves no iterator behind.

`PRUNEWIDGETS_INTERRUPTS=200 make test ARGS="-k kernel_interrupts"` sends as many; it is a few by default.
"""

import os
import sys

import pytest

from .kernel_storm import FIT, Kernel, storm

MANY = int(os.environ.get("PRUNEWIDGETS_INTERRUPTS", "4"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a kernel is interrupted otherwise there")

ENDLESS = """
closed = []
def endless():
    try:
        while True:
            yield x[:32], y[:32]
    finally:
        closed.append(True)
data = tf.data.Dataset.from_generator(endless, output_signature=(
    tf.TensorSpec((32, 20), tf.float32), tf.TensorSpec((32,), tf.int64)))
model.fit(data, verbose=0)
"""
IS_CLOSED = """
import time
end = time.monotonic() + 20
while not closed and time.monotonic() < end:
    time.sleep(0.05)
assert closed
"""


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.mark.parametrize("follow", [True, False])
def test_an_interrupt_at_a_random_moment_of_fit_is_raised(kernel, follow):
    ended, _ = storm(kernel, MANY, follow)
    assert ended == ["KeyboardInterrupt"] * MANY


def test_the_traceback_of_a_stopped_fit_ends_at_the_cell(kernel):
    reply, _ = kernel.stop(FIT.format(callbacks=""), after=1)
    shown = "\n".join(reply["traceback"])
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    assert "KeyboardInterrupt" in shown and "fit" in shown
    assert "site-packages" not in shown


def test_the_traceback_of_any_other_interrupt_is_complete(kernel):
    reply, _ = kernel.stop("import queue; queue.Queue().get()", after=0.3)
    assert reply["ename"] == "KeyboardInterrupt"
    assert "threading.py" in "\n".join(reply["traceback"])


def test_the_iterator_of_a_stopped_fit_is_closed_at_the_end_of_the_cell(kernel):
    reply, _ = kernel.stop(ENDLESS, after=3)
    assert reply["ename"] == "KeyboardInterrupt"
    assert kernel.reply(kernel.start(IS_CLOSED))["status"] == "ok"
