"""Former names of the public API: they keep working and warn with the name to use instead.

Any room may import this file, which builds on the standard library alone.
"""

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def warn_former(former: str, today: str) -> None:
    """Warn, at the line that calls the caller of this function, that a name is deprecated.

    Args:
        former: The full name, as in "prunewidgets.reload". The tests turn our own warnings into errors, and
            recognise them by "prunewidgets" at their start.
        today: What to use instead.
    """
    warnings.warn(f"{former} is deprecated; use {today}.", DeprecationWarning, stacklevel=3)


def former_names(module: str, renamed: Mapping[str, str], public: str | None = None) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a module whose names {former: today's} keep working.

    Hide it from type checkers, which would take it for a promise that every name is there::

        if not TYPE_CHECKING:
            __getattr__ = former_names(__name__, _RENAMED)

    Args:
        module: The module's ``__name__``.
        renamed: {former name: today's}.
        public: What users call the module. Defaults to its name.
    """
    public = public or module

    def look_up(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warn_former(f"{public}.{name}", f"{public}.{renamed[name]}")
        return getattr(sys.modules[module], renamed[name])

    return look_up


def former_arguments(**renamed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take keyword arguments by former names too: {former: today's}."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__qualname__.removesuffix(".__init__")

        @functools.wraps(function)
        def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
            for former in renamed.keys() & kwargs:
                if renamed[former] in kwargs:
                    raise TypeError(f"{name} got {former}= and {renamed[former]}=; leave out {former}=.")
                warn_former(f"prunewidgets.{name}({former}=)", f"{renamed[former]}=")
                kwargs[renamed[former]] = kwargs.pop(former)
            return function(*args, **kwargs)

        return accepting

    return decorate


def former_order(
    *former: str, if_second: Callable[[Any], bool]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take its arguments in a former order too.

    Args:
        *former: The first parameters in that order; those that follow are where they were.
        if_second: Whether the second argument, given without a name, is the one of the former order.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = [*inspect.signature(function).parameters]
        order = [*former, *(name for name in names if name not in former)]

        @functools.wraps(function)
        def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
            if not (1 < len(args) <= len(order) and if_second(args[1])):
                return function(*args, **kwargs)
            name = f"prunewidgets.{function.__name__}"
            today = ", ".join(names[: len(former)])
            warn_former(f"{name}({', '.join(former)})", f"{name}({today})")
            by_name = dict(zip(order, args, strict=False))
            return cast(Callable[..., R], function)(**by_name, **kwargs)

        return accepting

    return decorate
