"""Keep what was finished when Ctrl-C ends a loop."""

import warnings
from collections.abc import Iterable
from typing import TypeVar

from .progress_bar import progress

Row = TypeVar("Row")


def keep_finished(
    rows: Iterable[Row], finished: list[Row], unit: str, total: int, stacklevel: int = 3
) -> bool:
    """Add the rows to a list as they are made, with a progress bar if this takes longer than a second.

    Ctrl-C keeps the finished rows and warns; any other exception is raised, and they are in the list too.

    Args:
        rows: The rows, each made when it is asked for.
        finished: The list to add them to.
        unit: What a row is, for the bar and the warning, such as "training".
        total: The number of rows planned.
        stacklevel: Of the warning. Defaults to 3, the caller of the caller.

    Returns:
        Whether all rows were made.
    """
    try:
        for row in progress(rows, unit, total):
            finished.append(row)
    except KeyboardInterrupt:
        warnings.warn(
            f"Interrupted: {len(finished)} of {total} {unit}s were finished and are kept.",
            stacklevel=stacklevel,
        )
        return False
    return True
