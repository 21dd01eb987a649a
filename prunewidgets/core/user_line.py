"""The line of the user's that a warning belongs to."""

import sys

PACKAGE = __name__.partition(".")[0]


def user_line() -> int:
    """Return the ``stacklevel`` of the first line outside this package, for the caller's ``warnings.warn``.

    A fixed number would be wrong where a function is called by way of a generator or a progress bar.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        level, frame = level + 1, frame.f_back
    return level
