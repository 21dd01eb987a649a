"""A step that Ctrl-C does not cut in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C inside waits until the step is done; it is never lost.

    An interrupt while TensorFlow or Keras build or write something can leave half of it, or end the process.
    In other threads than the main one there is nothing to do: Python interrupts the main thread alone.
    """
    before = signal.getsignal(signal.SIGINT)
    # Another handler than Python's own, and one that is not written in Python (None), know what they do.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    interrupted = []
    signal.signal(signal.SIGINT, lambda number, frame: interrupted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if interrupted:
            signal.raise_signal(signal.SIGINT)
