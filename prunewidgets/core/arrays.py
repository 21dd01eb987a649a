"""Named arrays: what scores, masks and ledgers all start from."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

SINGLE = "weights"
"""The name of a single array that is passed without a name."""


def named(values: Any) -> dict[str, Any]:
    """Return `values` as {name: array}, in the same order; a single array becomes {"weights": array}.

    Args:
        values: a mapping from names to arrays, or a single array.

    Raises:
        TypeError: a name is not a string.
    """
    if not isinstance(values, Mapping):
        return {SINGLE: values}
    for name in values:
        if not isinstance(name, str):
            raise TypeError(
                f"{name!r} is not a name: give the arrays as {{name: array}} with strings as names."
            )
    return dict(values)


def is_within(name: str, wanted: str) -> bool:
    """Return whether a weight has this name or is in the layer of this name: conv_2/kernel is in conv_2."""
    return f"{name}/".startswith(f"{wanted}/")


def by_weight(given: Mapping[str, Any], names: Iterable[str], what: str) -> dict[str, Any]:
    """Return {weight name: value} from a mapping whose names are those of weights or layers.

    Args:
        given: {name: value}. A layer's value applies to every weight in it, unless the weight itself, or a
            layer nested inside, has a value of its own.
        names: the names of all weights.
        what: the mapping's name, for the error.

    Raises:
        ValueError: a name that is neither a weight nor a layer.
    """
    names = list(names)
    values: dict[str, Any] = {}
    for wanted in sorted(given, key=lambda name: len(str(name))):  # a nested layer has a longer name
        found = [name for name in names if is_within(name, wanted)]
        if not found:
            unknown = [key for key in given if not any(is_within(name, key) for name in names)]
            raise ValueError(has_entry_for(what, unknown, names))
        values |= dict.fromkeys(found, given[wanted])
    return {name: values[name] for name in names if name in values}


def has_entry_for(
    what: str, unknown: Iterable[str], known: Iterable[str], kind: str = "layer or weight"
) -> str:
    """Return the error for a mapping with unknown names.

    Args:
        what: the mapping's name.
        unknown: the names in it that are not known.
        known: the names that may be in it.
        kind: what they are names of.
    """
    names = ", ".join(map(repr, unknown))
    return f"{what} has an entry for {names}, but there is no such {kind}; there are: {', '.join(known)}."


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str], kind: str) -> None:
    """Raise a ValueError if a mapping has names that are not known; the arguments of `has_entry_for`."""
    known = list(known)
    if unknown := [name for name in given if name not in known]:
        raise ValueError(has_entry_for(what, unknown, known, kind))


def as_float(values: Any, name: str, what: str = "weights", check: bool = True) -> np.ndarray:
    """Return an array as float32, or as float64 where its dtype needs it; copied only to change the dtype.

    float16, bfloat16 and small integers become float32; 32- and 64-bit integers become float64.

    Args:
        values: an array, or anything that NumPy can convert to one.
        name: the array's name, for the errors.
        what: "weights" or "scores", for the errors.
        check: whether to look for NaN and infinite values.

    Raises:
        TypeError: the values are not real numbers, or do not form one array.
        ValueError: a value is NaN or infinite; the message names the array and says how many there are.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"'{name}' is not one array of numbers ({error}); give {{name: array}}.") from error
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(_float_type(array.dtype, name))
    if check:
        refuse_non_finite(array, name, what)
    return array


def float_arrays(values: Any, what: str = "scores") -> dict[str, np.ndarray]:
    """Return `values` as {name: float32 or float64 array}; see `named` and `as_float` for the errors."""
    return {name: as_float(array, name, what) for name, array in named(values).items()}


def is_whole(number: Any, least: int, most: int) -> bool:
    """Return whether `number` is whole and in this range, whatever its type: 2, 2.0 and np.int64(2) are."""
    real = isinstance(number, Real)
    return real and least <= number <= most and number == int(number)


_REPLACE = "Replace them first (np.nan_to_num), or train again with a lower learning rate."


def refuse_non_finite(array: np.ndarray, name: str, what: str, way_out: str = _REPLACE) -> None:
    """Raise a ValueError that names the array if it holds NaN or infinite values."""
    flat = array.ravel(order="K")
    with np.errstate(all="ignore"):
        if np.isfinite(np.vdot(flat, flat)):  # NaN and infinity propagate; faster than checking each
            return
    finite = np.isfinite(array)
    if finite.all():  # only the squares overflowed
        return
    nan = int(np.count_nonzero(np.isnan(array)))
    infinite = array.size - int(np.count_nonzero(finite)) - nan
    counts = [f"{count:,} {kind}" for count, kind in ((nan, "NaN"), (infinite, "infinite")) if count]
    raise ValueError(
        f"'{name}' holds {' and '.join(counts)} {what} out of {array.size:,}, "
        f"which cannot be ranked. {way_out}"
    )


def _float_type(dtype: np.dtype, name: str) -> type:
    for candidate in (np.float32, np.float64):
        if np.can_cast(dtype, candidate, casting="safe"):
            return candidate
    raise TypeError(f"'{name}' has dtype {dtype}, not real numbers; convert it with array.astype('float32').")
