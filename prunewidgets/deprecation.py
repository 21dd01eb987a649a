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
    caller = sys._getframe(1).f_back
    if caller is not None and caller.f_code.co_name == "_handle_fromlist":
        return  # "from prunewidgets import reload" looks the name up twice; this is the first time
    warnings.warn(f"{former} is deprecated; use {today}.", DeprecationWarning, stacklevel=3)


def as_formerly(value: Any) -> Any:
    """Return what a former name stands for: the object itself, or the function in its former order."""
    return getattr(value, "in_former_order", value)


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
        return as_formerly(getattr(sys.modules[module], renamed[name]))

    return look_up


def former_arguments(**renamed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take keyword arguments by former names too: {former: today's}."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__qualname__.removesuffix(".__init__")
        places = [*inspect.signature(function).parameters]

        @functools.wraps(function)
        def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
            given = [former for former in renamed if former in kwargs]
            for former in given:
                if renamed[former] in (*kwargs, *places[: len(args)]):
                    raise TypeError(
                        f"{name} got {former}= and {renamed[former]}=, which are one argument; leave out "
                        f"{former}=, its former name."
                    )
            if given:
                today = ", ".join(f"{renamed[former]}=" for former in given)
                warn_former(f"prunewidgets.{name}({', '.join(f'{former}=' for former in given)})", today)
            for former in given:
                kwargs[renamed[former]] = kwargs.pop(former)
            return function(*args, **kwargs)

        return accepting

    return decorate


def former_order(
    *former: str, if_second: Callable[[Any], bool]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take its arguments in a former order too.

    Its former name, if it has one, takes them in the former order alone.

    Args:
        *former: The first parameters in that order; those that follow are where they were.
        if_second: Whether the second argument, given without a name, is the one of the former order.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = [*inspect.signature(function).parameters]
        order = [*former, *(name for name in names if name not in former)]

        def by_name(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
            found = dict(zip(order, args, strict=False))
            for name in found.keys() & kwargs.keys():
                raise TypeError(
                    f"{function.__name__} got {name} twice: by its place in the former order "
                    f"({', '.join(former)}) and as {name}=; leave one out."
                )
            return {**found, **kwargs}

        @functools.wraps(function)
        def in_former_order(*args: P.args, **kwargs: P.kwargs) -> R:
            if len(args) > len(order):
                return function(*args, **kwargs)  # Python's error for too many arguments
            return cast(Callable[..., R], function)(**by_name(args, kwargs))

        @functools.wraps(function)
        def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
            if not (1 < len(args) <= len(order) and if_second(args[1])):
                return function(*args, **kwargs)
            arguments = by_name(args, kwargs)  # first, so that an error comes without a warning
            name = f"prunewidgets.{function.__name__}"
            today = ", ".join(names[: len(former)])
            warn_former(f"{name}({', '.join(former)})", f"{name}({today})")
            return cast(Callable[..., R], function)(**arguments)

        accepting.__dict__["in_former_order"] = in_former_order  # see `as_formerly`
        return accepting

    return decorate
