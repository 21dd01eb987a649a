"""A progress bar for work that takes longer than a moment; it is removed at the end."""

import contextvars
import threading
from collections.abc import Iterable, Iterator, Sized
from typing import Any, TypeVar

Step = TypeVar("Step")

DELAY = 0.8
"""Seconds before the bar is shown."""

TICK = 1.0
"""Seconds between redrawings, so that the time moves on during a long step."""


def progress(steps: Iterable[Step], unit: str = "step", total: int | None = None) -> Iterator[Step]:
    """Yield the steps one by one, with a tqdm progress bar if they take longer than a second.

    The bar appears within a second, also during a long first step, and its time moves on; without a `total`
    it only counts. It is removed at the end, also if the iteration stops early. In a notebook its output is
    cleared, because the output of a closed widget would show as an error when the page is loaded again.

    Args:
        steps: The steps to iterate over.
        unit: The name of a step in the bar. Defaults to "step".
        total: The number of steps. Defaults to the length of `steps`, if it has one.

    Example:
        >>> squares = [step**2 for step in pw.progress(range(4), unit="square")]
        >>> squares
        [0, 1, 4, 9]
    """
    from tqdm.auto import tqdm

    total = len(steps) if total is None and isinstance(steps, Sized) else total
    bar = tqdm(total=total, unit=unit, delay=DELAY, leave=False)
    shown = _Shown(bar)
    try:
        for step in steps:
            yield step
            bar.update()
    finally:
        shown.remove()


class _Shown:
    """Shows a bar after the delay, from a thread of its own, since a step may take minutes."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._widget = getattr(bar, "container", None)
        self._output: Any = None
        self._ended = threading.Event()
        if self._widget is not None:
            bar.displayed = True  # otherwise tqdm shows it itself, in an output that cannot be cleared later
        run = contextvars.copy_context().run  # with it goes the cell that the output belongs to
        self._thread = threading.Thread(target=run, args=(self._show,), name="progress bar", daemon=True)
        self._thread.start()

    def _show(self) -> None:
        if self._ended.wait(DELAY):
            return
        self._bar.delay = 0  # tqdm takes a bar for shown, and clears it, if its delay is over
        if self._widget is not None:
            from IPython.display import display

            # ipywidgets 7 would show the widget itself in an output without an id, which cannot be cleared.
            view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
            bundle = {"text/plain": "", "application/vnd.jupyter.widget-view+json": view}
            self._output = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        self._bar.refresh()
        while not self._ended.wait(TICK):
            self._bar.refresh()

    def remove(self) -> None:
        self._ended.set()
        if threading.current_thread() is not self._thread:  # where the garbage collector closes a generator
            self._thread.join()
        self._bar.total = self._bar.n  # tqdm shows one with fewer steps than expected in red, as an error
        self._bar.close()
        if self._output is not None:
            self._output.update({"text/plain": ""}, raw=True)
