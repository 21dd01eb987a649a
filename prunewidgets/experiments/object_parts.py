"""Split objects into simpler parts, such that equal parts mean equal objects."""

import copyreg
import sys
import types
from typing import Any

import numpy as np

from ..utils.installed import version_of

_MODELS = f"{__package__.partition('.')[0]}.models"

_OF_PICKLE = ("__getstate__", "__reduce__", "__reduce_ex__")


def object_parts(value: Any, what: str) -> list[Any]:
    """Return class and content of an object: arrays, attributes, or what pickle would rebuild it from.

    Nothing is pickled.

    Args:
        value: Any object except plain types, code and classes.
        what: Its role, for the error.

    Raises:
        TypeError: It has no such parts, as with a lock, an open file, a generator or a dataset.
    """
    homes = [base.__module__ for base in type(value).__mro__]
    parts = None
    if any(home.startswith(("keras", "tensorflow", _MODELS)) for home in homes):
        from ..models.live.described import parts_of

        try:
            parts = parts_of(value)
        except TypeError as error:
            raise TypeError(f"{what} is {error}, which cannot be described") from error
    elif any(home.startswith("pandas") for home in homes) and hasattr(value, "to_numpy"):
        parts = _table(value)
    elif hasattr(value, "__array__") and hasattr(value, "dtype") and not isinstance(value, np.ndarray):
        parts = [np.asarray(value)]
    return _as_pickled(value, what) if parts is None else [type(value), *parts]


def _table(value: Any) -> list[Any]:
    """Return the labels and columns of a pandas object."""
    axes = [list(axis) for axis in getattr(value, "axes", ())]
    if len(axes) < 2:
        return [axes, value.to_numpy()]
    return [axes, [value.iloc[:, place].to_numpy() for place in range(len(axes[1]))]]


def _as_pickled(value: Any, what: str) -> list[Any]:
    cls, refused = type(value), TypeError(f"{what} {value!r:.60} cannot be described")
    reduce = copyreg.dispatch_table.get(cls)
    try:
        reduced = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception:  # any error means that it cannot be pickled
        raise refused from None
    if isinstance(reduced, str):
        module = getattr(value, "__module__", None) or cls.__module__
        version = version_of(module)
        if not version or getattr(sys.modules.get(module), reduced, None) is not value:
            raise refused
        return [module, reduced, version]
    make, args, *rest = reduced
    state, entries, pairs = (*rest, None, None, None)[:3]
    if not version_of(cls.__module__):  # the user's own class may give pickle less than it holds
        usual = all(getattr(cls, name) is getattr(object, name) for name in _OF_PICKLE)
        state = [None if usual or isinstance(state, dict) else state, sorted(_attributes(value).items())]
    return [cls, make, args, state, list(entries or ()), list(pairs or ())]


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, from its dictionary and its slots."""
    found = dict(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        for name, slot in vars(cls).items():
            if isinstance(slot, types.MemberDescriptorType) and hasattr(value, name):
                found.setdefault(name, getattr(value, name))
    return found
