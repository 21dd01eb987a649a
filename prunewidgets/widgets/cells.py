"""after_each_cell: calls a method whenever a cell of the notebook has run."""

import weakref
from collections.abc import Callable
from typing import Any

from IPython import get_ipython


def after_each_cell(method: Callable[[], object]) -> None:
    """Call a bound method after each cell, as long as its object is alive.

    Only a weak reference to the object is kept. Outside IPython this does nothing.
    """
    shell = get_ipython()
    if shell is None:
        return
    held = weakref.WeakMethod(method)

    def call(*_: Any) -> None:
        living = held()
        if living is None:
            shell.events.unregister("post_run_cell", call)
        else:
            living()

    shell.events.register("post_run_cell", call)
