"""What a run depends on, as canonical JSON, and the key made of it: the same settings, the same key."""

import functools
import hashlib
import inspect
import json
import types
from pathlib import Path
from typing import Any

import numpy as np


def method_settings(name: str, method: Any) -> dict[str, Any]:
    """Return what all runs of a method have in common: its name, source text and code, and its fixed values.

    Fixed are the arguments of a `functools.partial`, defaults, and variables of enclosing functions. What a
    function takes from a module or a file is not looked into.

    Args:
        name: of the method.
        method: a function, or a `functools.partial` of one.

    Raises:
        TypeError: no function, or a fixed value that cannot be written down.
    """
    where = f"method {name!r}"
    try:
        return {"method": name, "code": _described(method, where)}
    except RecursionError:
        raise TypeError(
            f"{where}: something in it holds itself, so it cannot be written down. Put functions that call "
            "each other at the top of a module or cell."
        ) from None


def settings_of(common: dict[str, Any], sparsity: float, seed: int) -> str:
    """Return the settings of one run as canonical JSON. `common`: from `method_settings`."""
    return _canonical({**common, "sparsity": sparsity, "seed": seed})


def key_of(settings: str) -> str:
    """Return the SHA-256 of the settings, 64 hexadecimal digits."""
    return hashlib.sha256(settings.encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _described(value: Any, where: str) -> Any:
    """Return a value as something JSON can hold, equal for equal values in every process."""
    describe = functools.partial(_described, where=where)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | complex | bytes | Path) or value is Ellipsis:
        return {type(value).__name__: repr(value)}
    if isinstance(value, list | tuple):
        return [describe(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted(_canonical(describe(entry)) for entry in value)}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: describe(entry) for key, entry in value.items()}}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        digest = hashlib.sha256(np.ascontiguousarray(value)).hexdigest()
        return {"array": [str(value.dtype), value.shape, digest]}
    if isinstance(value, types.FunctionType):
        return {"function": _function(value, where)}
    if isinstance(value, types.CodeType):
        return _code(value, where)
    if isinstance(value, functools.partial):
        return {"partial": [describe(value.func), describe(value.args), describe(value.keywords)]}
    if isinstance(value, type | types.ModuleType | types.BuiltinFunctionType):
        return {"name": f"{getattr(value, '__module__', '')}.{value.__name__}"}
    raise TypeError(
        f"{where}: {value!r:.60} cannot be written down, so with a store its runs could not be told apart. "
        "Give functions, numbers, text, arrays, lists or dictionaries, and build the rest inside."
    )


def _function(function: types.FunctionType, where: str) -> list[Any]:
    """Source, code, defaults and enclosed values.

    The source is for the reader, and less than the code: Python has only some lines of a lambda's, and those
    of a file that was edited since belong to a function that does not run yet.
    """
    try:
        source = inspect.getsource(function.__code__)  # of the function itself, also below a decorator
    except (OSError, TypeError):  # typed at a prompt, or made by exec
        source = None
    try:
        enclosed = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:
        raise TypeError(
            f"{where}: a variable from the function around it has no value yet, so it cannot be written down."
        ) from None
    fixed = [value for value in enclosed if value is not function]  # one that calls itself
    rest = _described([function.__defaults__, function.__kwdefaults__, fixed], where)
    return [source, _code(function.__code__, where), *rest]


def _code(code: types.CodeType, where: str) -> list[Any]:
    """Bytecode with its constants and names; where it was defined does not matter."""
    return [code.co_code.hex(), code.co_names, _described(code.co_consts, where)]
