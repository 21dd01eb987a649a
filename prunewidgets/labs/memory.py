"""How much memory a lab needs in addition to its model, known before anything is copied."""

from collections.abc import Mapping

import numpy as np

from ..core.thresholds import number, score_dtype
from ..widgets.buffers import MOST_SENT

SAID_FROM = 500e6
"""Bytes above which the lab prints how much memory it needs."""


def lab_memory(weights: Mapping[str, np.ndarray], inputs: int) -> int:
    """Return about how many bytes a lab on these weights needs at its peak.

    That is the scores, the sorted scores, the masks and the masked weights that are measured; while the lab
    opens, one sorted layer; what is sent to the page; and `inputs`, the bytes of the examples that are kept.
    Not included are the activations of a forward pass, and the copy of the model that `apply` keeps.
    """
    score = score_dtype(weights).itemsize
    total = sum(array.size for array in weights.values())
    largest = max((array.size for array in weights.values()), default=0)
    masked = sum(array.nbytes for array in weights.values())
    return inputs + total * (2 * score + 1) + masked + score * (largest + 2 * min(total, MOST_SENT))


def check_memory(name: str, weights: Mapping[str, np.ndarray], inputs: int, limit: float) -> int:
    """Return `lab_memory`; print it if it is large.

    Raises:
        TypeError: the limit is not a number.
        ValueError: the lab needs more than `limit` bytes.
    """
    needed, limit = lab_memory(weights, inputs), number(limit, "memory_limit")
    total = sum(array.size for array in weights.values())
    if not needed <= limit:  # also refuses a limit of NaN
        raise ValueError(
            f"a lab on {name!r} ({total:,} prunable weights) takes about {gigabytes(needed)} in addition "
            f"to the model, more than the limit of {gigabytes(limit)}. If there is room, raise it: "
            f"pw.PruningLab(model, x, y, memory_limit={needed / 1e9 + 0.1:.1f}e9). Or look at some layers "
            "only: layers=[...]."
        )
    if needed > SAID_FROM:
        print(
            f"{name}: {total:,} prunable weights; this lab takes about {gigabytes(needed)} in addition to "
            "the model."
        )
    return needed


def gigabytes(size: float) -> str:
    """Return bytes as text in GB."""
    return f"{size / 1e9:.1f} GB"
