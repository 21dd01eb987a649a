"""Say at once that TensorFlow is being loaded: cold, this takes a notebook's first cell 20 seconds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

STARTING = "Starting TensorFlow (up to 20 seconds the first time) …"


@contextmanager
def starting() -> Iterator[None]:
    """Show a line under the running cell inside the block; nothing outside a kernel, or if it is loaded."""
    if "ipykernel" not in sys.modules or "tensorflow" in sys.modules:
        yield
        return
    from IPython.display import display

    # Before, not after a delay: while the library is loaded, Python runs no other thread.
    line = display({"text/plain": STARTING}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if line is not None:  # in a kernel's process, but without its shell
            line.update({"text/plain": ""}, raw=True)
