"""A context in which Ctrl-C waits until the work is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the block is done; it is never lost.

    An interrupt while TensorFlow or Keras build or write something can leave half of it, or end the process.
    Other threads than the main one need nothing: Python interrupts only the main thread.
    """
    before = signal.getsignal(signal.SIGINT)
    # SIG_DFL, SIG_IGN and a handler that was not set from Python (None) are left alone.
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
