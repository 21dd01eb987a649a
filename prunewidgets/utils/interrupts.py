"""Handle Ctrl-C at one point of a loop only, so that it never arrives where finished work would be lost."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """State of Ctrl-C while it is deferred.

    Attributes:
        asked: Whether Ctrl-C was pressed while it was deferred.
    """

    def __init__(self, usual: Callable[..., Any]) -> None:
        """Store `usual`, the handler that is called inside `allowed`."""
        self.asked = False
        self._allowed = False
        self._usual = usual

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let Ctrl-C act as usual inside the block; one pressed earlier is raised at the start."""
        self._allowed = True
        try:
            if self.asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._allowed = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal of Ctrl-C."""
        if self._allowed:
            self._usual(number, frame)
        else:
            self.asked = True


@contextmanager
def defer_interrupts() -> Iterator[Interrupts]:
    """Record Ctrl-C inside the block instead of raising it, except inside `Interrupts.allowed`.

    In threads other than the main one there is nothing to do: Python interrupts only the main thread.
    """
    usual = signal.getsignal(signal.SIGINT)
    interrupts = Interrupts(usual if callable(usual) else signal.default_int_handler)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts.handle)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, usual)
