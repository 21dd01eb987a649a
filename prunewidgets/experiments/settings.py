"""The settings that a run depends on, as canonical JSON, and their key: equal settings have equal keys."""

import hashlib
from typing import Any

from .described import Description, canonical


def method_settings(name: str, method: Any, measure: str = "accuracy") -> dict[str, Any]:
    """Return the settings common to all runs of a method: its name, its code, and everything the code reads.

    That is: arguments of a `functools.partial`, defaults, variables of enclosing functions, globals, the
    functions and classes of the notebook or of the user's own modules, and everything those read in turn. The
    content of files that a function reads is not included.

    Args:
        name: the name of the method.
        method: a function or any other callable.
        measure: what a number that the method returns is called. Defaults to "accuracy".

    Raises:
        TypeError: something that it reads cannot be described.
    """
    description = Description()
    try:
        code = description.of(method, "the method itself,")
    except TypeError as error:
        problem = str(error)
    except RecursionError:
        problem = "something in it is nested too deeply and cannot be described"
    else:
        other = {} if measure == "accuracy" else {"measure": measure}  # as in the keys of earlier versions
        return {"method": name, "code": {"calls": code, "parts": description.parts}, **other}
    raise TypeError(
        f"method {name!r}: {problem}, so a store could not tell its runs from others. Pass what it needs "
        "as arguments, functools.partial(function, name=value) with numbers, text, arrays, models or "
        "functions, and build the rest inside."
    ) from None


def settings_of(common: dict[str, Any], sparsity: float, seed: int) -> str:
    """Return the settings of one run as canonical JSON. `common`: from `method_settings`."""
    return canonical({**common, "sparsity": sparsity, "seed": seed})


def key_of(settings: str) -> str:
    """Return the SHA-256 of the settings, 64 hexadecimal digits."""
    return hashlib.sha256(settings.encode()).hexdigest()
