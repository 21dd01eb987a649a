"""Former names of the public API: they keep working and warn with the name to use instead."""

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def warn_former(former: str, today: str, stacklevel: int = 2) -> None:
    """Warn that a name is deprecated.

    Args:
        former: The full name, as in "prunewidgets.reload". The tests turn our own warnings into errors, and
            recognise them by "prunewidgets" at their start.
        today: What to use instead.
        stacklevel: As for ``warnings.warn``: 2 is the line that calls the caller of this function.
    """
    warnings.warn(f"{former} is deprecated; use {today}.", DeprecationWarning, stacklevel=stacklevel + 1)


def former_names(module: str, renamed: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a module whose names {former: today's} keep working.

    Hide it from type checkers, which would take it for a promise that every name is there::

        if not TYPE_CHECKING:
            __getattr__ = former_names(__name__, _RENAMED)
    """

    def look_up(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warn_former(f"{module}.{name}", f"{module}.{renamed[name]}")
        return getattr(sys.modules[module], renamed[name])

    return look_up
