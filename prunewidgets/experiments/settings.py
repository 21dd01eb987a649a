"""What a run depends on, as canonical JSON, and the key made of it: the same settings, the same key."""

import hashlib
from typing import Any

from .described import Description, canonical


def method_settings(name: str, method: Any) -> dict[str, Any]:
    """Return what all runs of a method have in common: its name, its code, and what that reads.

    Read are arguments of a `functools.partial`, defaults, variables of enclosing functions, globals, the
    functions and classes of the notebook or of the reader's own modules, and what those read in turn. What
    a function takes from a file is not looked into.

    Args:
        name: of the method.
        method: a function, or whatever else can be called.

    Raises:
        TypeError: something that it reads cannot be written down.
    """
    description = Description()
    try:
        code = description.of(method, "the method itself,")
    except TypeError as error:
        problem = str(error)
    except RecursionError:
        problem = "something in it is nested too deeply and cannot be written down"
    else:
        return {"method": name, "code": {"calls": code, "parts": description.parts}}
    raise TypeError(
        f"method {name!r}: {problem}, so with a store its runs could not be told apart. Hand over what it "
        "needs as arguments, functools.partial(function, name=value) with numbers, text, arrays, models or "
        "functions, and build the rest inside."
    ) from None


def settings_of(common: dict[str, Any], sparsity: float, seed: int) -> str:
    """Return the settings of one run as canonical JSON. `common`: from `method_settings`."""
    return canonical({**common, "sparsity": sparsity, "seed": seed})


def key_of(settings: str) -> str:
    """Return the SHA-256 of the settings, 64 hexadecimal digits."""
    return hashlib.sha256(settings.encode()).hexdigest()
