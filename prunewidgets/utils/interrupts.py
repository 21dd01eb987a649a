"""Ctrl-C heard at one place of a loop alone, so that it cannot hit where finished work would be lost."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """Whether Ctrl-C was pressed while it was held back.

    Attributes:
        asked: True once it was.
    """

    def __init__(self, usual: Callable[..., Any]) -> None:
        """`usual`: the handler that is called while interrupts are heard."""
        self.asked = False
        self._heard = False
        self._usual = usual

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Inside, Ctrl-C does what it always does, also one that came just before."""
        self._heard = True
        try:
            if self.asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._heard = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """What is called for Ctrl-C."""
        if self._heard:
            self._usual(number, frame)
        else:
            self.asked = True


@contextmanager
def held_back() -> Iterator[Interrupts]:
    """Inside, Ctrl-C is only noted, but where `heard` says otherwise.

    In other threads than the main one there is nothing to do: Python interrupts the main thread alone.
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
