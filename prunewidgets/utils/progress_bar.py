"""A progress bar for whatever takes more than two seconds, which leaves nothing behind."""

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

Step = TypeVar("Step")

DELAY = 2.0
"""Seconds before it is shown."""


def progress(steps: Iterable[Step], unit: str = "step", total: int | None = None) -> Iterator[Step]:
    """The steps one by one, with a bar by tqdm once they take longer than two seconds.

    The bar goes at the end, also where the steps end early. In a notebook its output is emptied: that of a
    closed widget would be shown as an error when the page is loaded again.

    Args:
        steps: What to go through.
        unit: What a step is called.
        total: How many there are; their length if they have one.
    """
    from tqdm.auto import tqdm

    begin = time.monotonic()
    total = len(steps) if total is None and isinstance(steps, Sized) else total
    bar = tqdm(total=total, unit=unit, delay=DELAY, leave=False)
    widget, shown = getattr(bar, "container", None), None
    if widget is not None:
        bar.displayed = True  # it would show itself in an output that nobody can reach again
    try:
        for step in steps:
            yield step
            bar.update()
            if widget is not None and shown is None and time.monotonic() - begin >= DELAY:
                from IPython.display import display

                shown = display(widget, display_id=True)  # type: ignore[no-untyped-call]
    finally:
        bar.total = bar.n  # to tqdm, fewer steps than expected are an error to be shown in red
        bar.close()
        if shown is not None:
            shown.update({"text/plain": ""}, raw=True)
