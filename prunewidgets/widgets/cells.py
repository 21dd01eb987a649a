"""after_each_cell: something to do whenever a cell of the notebook has run."""

import weakref
from collections.abc import Callable
from typing import Any

from IPython import get_ipython


def after_each_cell(method: Callable[[], bool]) -> None:
    """Call a bound method after each cell, as long as its object lives and it returns True.

    The object is held weakly. Outside IPython nothing happens.
    """
    shell = get_ipython()
    if shell is None:
        return
    held = weakref.WeakMethod(method)

    def call(*_: Any) -> None:
        living = held()
        if living is None or not living():
            shell.events.unregister("post_run_cell", call)

    shell.events.register("post_run_cell", call)
