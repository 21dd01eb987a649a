"""The ledger: what weights cost in parameters, bytes and multiply-adds; counted, never estimated.

Values are stored as float32, 4 bytes each. Zeros alone save nothing: `dense_bytes` stays the same. What
they save depends on how the positions of the nonzeros are encoded, so three encodings are compared:

- bitmask: one bit per weight (whole bytes per array) and 4 bytes per nonzero;
- index-coded (Han et al. 2016, "Deep Compression", section 2): each nonzero takes 4 bytes, plus the number of
  zeros since the previous one in 1, 2 or 4 bytes, whichever is smallest for that array. A gap too long for
  its field is bridged by stored zeros, which cost as much as a nonzero; zeros at the end cost nothing;
- gzip, level 6, of the dense bytes: measured.

Names and shapes of the arrays are not counted.
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .arrays import float_arrays, refuse_unknown
from .masks import Masks

__all__ = ["counted", "gzip_bytes", "ledger", "multiply_adds"]

VALUE_BYTES = 4


def ledger(
    weights: Any, masks: Masks | None = None, positions: Mapping[str, int] | None = None
) -> dict[str, int | float]:
    """Count what the weights cost.

    Args:
        weights: {name: array}, or one array. Every array is counted, biases too if they are among them.
        masks: applied first, if given; the weights passed in are not changed.
        positions: {name: how many times each weight is used for one example}; adds the multiply-adds.

    Returns:
        parameters, nonzeros, sparsity (zeros ÷ parameters, 0 to 1), dense_bytes, bitmask_bytes,
        index_coded_bytes, gzip_bytes; with positions also multiply_adds (for one example, zeros included,
        as ordinary dense code computes them) and nonzero_multiply_adds (what remains if zeros are skipped).

    Raises:
        ValueError: weights are NaN or infinite, or masks or positions do not fit the weights.

    Example:
        >>> masks = pw.Masks.from_threshold(pw.score(pw.example.W), pw.example.TAU)
        >>> counts = pw.ledger.ledger(pw.example.W, masks)
        >>> counts["parameters"], counts["nonzeros"], counts["sparsity"]
        (12, 6, 0.5)
        >>> counts["dense_bytes"], counts["bitmask_bytes"], counts["index_coded_bytes"]
        (48, 26, 30)
    """
    arrays = _stored(weights, masks)
    counts = counted(arrays, positions=positions)
    counts["gzip_bytes"] = gzip_bytes(arrays)
    return counts


def counted(
    weights: Any, masks: Masks | None = None, positions: Mapping[str, int] | None = None
) -> dict[str, int | float]:
    """Return what `ledger` does except the gzip size, the only slow part; it has the same arguments.

    Example:
        >>> counts = pw.ledger.counted({"conv": np.ones((3, 3))}, positions={"conv": 26 * 26})
        >>> counts["parameters"], counts["multiply_adds"]
        (9, 6084)
    """
    arrays = _stored(weights, masks)
    parameters = sum(array.size for array in arrays.values())
    nonzeros = sum(int(np.count_nonzero(array)) for array in arrays.values())
    counts = {
        "parameters": parameters,
        "nonzeros": nonzeros,
        "sparsity": (parameters - nonzeros) / parameters if parameters else 0.0,
        "dense_bytes": VALUE_BYTES * parameters,
        "bitmask_bytes": sum((array.size + 7) // 8 for array in arrays.values()) + VALUE_BYTES * nonzeros,
        "index_coded_bytes": sum(index_coded_bytes(array) for array in arrays.values()),
    }
    if positions is not None:
        counts["multiply_adds"] = _sum_over_positions(arrays, positions, np.size)
        counts["nonzero_multiply_adds"] = _sum_over_positions(arrays, positions, np.count_nonzero)
    return counts


def multiply_adds(weights: Any, positions: Mapping[str, int], masks: Masks | None = None) -> int:
    """Return how many multiply-adds the nonzero weights need for one example.

    Args:
        weights: {name: array}, or one array.
        positions: {name: how many times each weight is used}: 1 for Dense, height × width of the output
            for a 2-D convolution. Weights without positions are not counted.
        masks: applied first, if given.

    Example:
        >>> masks = pw.Masks.from_threshold(pw.score(pw.example.W), pw.example.TAU)
        >>> pw.ledger.multiply_adds(pw.example.W, {"weights": 1}, masks)
        6
    """
    return _sum_over_positions(_stored(weights, masks), positions, np.count_nonzero)


def index_coded_bytes(array: np.ndarray) -> int:
    """Return the size in bytes of one array, index-coded in C order (see the top of this file)."""
    places = np.flatnonzero(array)
    gaps = np.diff(places, prepend=-1) - 1  # zeros skipped before each nonzero
    return min(_coded_bytes(gaps, index_bytes) for index_bytes in (1, 2, 4))


def _coded_bytes(gaps: np.ndarray, index_bytes: int) -> int:
    reach = 256**index_bytes  # a stored zero covers the longest gap, reach - 1, and its own position
    bridges = int((gaps // reach).sum())
    return (gaps.size + bridges) * (VALUE_BYTES + index_bytes)


def _stored(weights: Any, masks: Masks | None) -> dict[str, np.ndarray]:
    arrays = float_arrays(weights, "weights")
    if masks is not None:
        arrays = masks.apply(arrays)
    with np.errstate(over="ignore", under="ignore"):
        return {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}


def gzip_bytes(arrays: Any) -> int:
    """Return the size in bytes of the arrays, one after another as float32, compressed by gzip at level 6.

    Args:
        arrays: {name: array}, or one array.

    Example:
        >>> pw.ledger.gzip_bytes({"kernel": np.zeros((100, 100))}) < 200  # of 40,000 bytes
        True
    """
    return gzip_size(_stored(arrays, None).values())


def gzip_size(arrays: Iterable[np.ndarray]) -> int:
    """Do the work of `gzip_bytes` for arrays that are taken one at a time, so that a caller can stop."""
    packer = zlib.compressobj(level=6, wbits=31)  # 31: with gzip's header and checksum
    size = 0
    for array in arrays:
        with np.errstate(over="ignore", under="ignore"):
            size += len(packer.compress(np.ascontiguousarray(array, "<f4").data))
    return size + len(packer.flush())


def _sum_over_positions(arrays: Mapping[str, np.ndarray], positions: Mapping[str, int], count: Any) -> int:
    refuse_unknown("positions", positions, arrays, "weight")
    return sum(int(count(arrays[name])) * int(times) for name, times in positions.items())
