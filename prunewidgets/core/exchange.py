"""Exchange kept weights for removed ones, within groups: one step of training with zeros that move."""

import numpy as np


def exchanged(
    kept: np.ndarray, size: np.ndarray, wanted: np.ndarray, share: float, group: np.ndarray | None = None
) -> np.ndarray:
    """Return a mask in which the smallest kept weights have left, and as many of their groups come back.

    A group gives up no more than are removed in it, so that others can come back. Of equal values, the
    earlier one leaves and the earlier one comes back.

    Args:
        kept: Mask of a layer, any shape.
        size: The sizes of its weights, same shape; the smallest kept ones leave.
        wanted: Same shape; the highest of each group come back, and one that has just left may be among them.
        share: Share of all kept weights to exchange, 0 to 1.
        group: Number of the group of each weight, whole numbers from 0, same shape. Defaults to one group.
    """
    mask = kept.ravel().copy()
    of = np.zeros(mask.size, np.intp) if group is None else group.ravel()
    groups = int(of.max(initial=0)) + 1
    removed = np.bincount(of[~mask], minlength=groups)
    inside = np.flatnonzero(mask)
    leavable = inside[_first_of_each(of[inside], size.ravel()[inside], removed)]
    order = np.argsort(size.ravel()[leavable], kind="stable")
    leaving = leavable[order[: round(share * inside.size)]]
    mask[leaving] = False
    outside = np.flatnonzero(~mask)
    left = np.bincount(of[leaving], minlength=groups)
    mask[outside[_first_of_each(of[outside], -wanted.ravel()[outside], left)]] = True
    return mask.reshape(kept.shape)


def _first_of_each(group: np.ndarray, values: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return, in ascending order, the positions of the ``numbers[g]`` lowest values of each group g."""
    order = np.lexsort((values, group))
    sizes = np.bincount(group, minlength=len(numbers))
    rank = np.arange(order.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[rank < numbers[group[order]]])
