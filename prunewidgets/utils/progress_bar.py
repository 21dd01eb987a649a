"""A progress bar for work that takes more than two seconds; it is removed at the end."""

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Step = TypeVar("Step")

DELAY = 2.0
"""Seconds before the bar is shown."""


def progress(steps: Iterable[Step], unit: str = "step", total: int | None = None) -> Iterator[Step]:
    """Yield the steps one by one, with a tqdm progress bar once they take longer than two seconds.

    The bar is removed at the end, also if the iteration stops early. In a notebook its output is cleared,
    because the output of a closed widget would show as an error when the page is loaded again.

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

    begin = time.monotonic()
    total = len(steps) if total is None and isinstance(steps, Sized) else total
    bar = tqdm(total=total, unit=unit, delay=DELAY, leave=False)
    widget, shown = getattr(bar, "container", None), None
    if widget is not None:
        bar.displayed = True  # otherwise tqdm shows it itself, in an output that cannot be cleared later
    try:
        for step in steps:
            yield step
            bar.update()
            if widget is not None and shown is None and time.monotonic() - begin >= DELAY:
                from IPython.display import display

                shown = display(widget, display_id=True)  # type: ignore[no-untyped-call]
    finally:
        bar.total = bar.n  # tqdm shows a bar with fewer steps than expected in red, as an error
        bar.close()
        if shown is not None:
            shown.update({"text/plain": ""}, raw=True)
