"""Layer-wise solvers: which weights of a layer to remove, and how to change the others to make up for it.

A layer computes X W; its inputs X on examples enter only by their second moments H = XᵀX. The error that a
solver keeps small is ‖X W − X Ŵ‖² = Σ over outputs of (w − ŵ)ᵀ H (w − ŵ).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg import blas, lapack

from ...core.selection import keep_largest

_BLOCK = 128  # rows whose weights are ranked together, as in the paper on SparseGPT
_ROWS = 32  # rows updated one by one before the rest of the block is; measured
_SMALL = 256  # up to so many inputs float64 costs little

_DEPENDENT = (
    "The inputs of a layer depend on each other, so that its equations have no single solution: use more "
    "examples, or more damping."
)


class Task(NamedTuple):
    """What to remove from a layer of K inputs and O outputs.

    Attributes:
        removed: Number of weights to remove; of inputs, for "thinet".
        places: Places of the window: the K inputs are this many times the channels. 1 if there is no window.
        n: Keep n of every m weights along the channels of each output; then ``removed`` is not used.
        m: Size of such a group, 0 for none.
    """

    removed: int
    places: int = 1
    n: int = 0
    m: int = 0

    def groups(self, inputs: int) -> Iterator[tuple[int, int, int]]:
        """Yield (start, stop, number to remove) of each N:M group; a shorter last one keeps its share."""
        channels = inputs // self.places
        for place in range(0, inputs, channels):
            for start in range(place, place + channels, self.m):
                stop = min(start + self.m, place + channels)
                yield start, stop, stop - start - -(-self.n * (stop - start) // self.m)


Solution = tuple[np.ndarray, np.ndarray]
Solver = Callable[[np.ndarray, np.ndarray, Task], Solution]
"""(weights (K, O), moments (K, K), task) -> (new weights, True where kept)."""


def damped(moments: np.ndarray, damping: float) -> tuple[np.ndarray, np.ndarray]:
    """Return H with a share of its mean diagonal added, and which inputs are always 0; those get a 1.

    Args:
        moments: H, which is not changed.
        damping: The share, 0 or more; without any, inputs that depend on each other make H singular.
    """
    moments = moments.copy()
    diagonal = np.einsum("ii->i", moments)
    dead = diagonal == 0
    share = damping * diagonal.mean()
    diagonal[dead] = 1
    diagonal += share
    return moments, dead


def obs(weights: np.ndarray, moments: np.ndarray, task: Task) -> Solution:
    """Remove the weights of least w² / (2 [H⁻¹]_qq), all at once; then change the others by least squares.

    The update is that of optimal brain surgeon for several weights Q together, δw = −H⁻¹_:Q ([H⁻¹]_QQ)⁻¹ w_Q,
    with the layer's own H.

    Source: Hassibi and Stork, "Second order derivatives for network pruning: optimal brain surgeon" (1993),
        equation 5; Dong, Chen and Pan, "Learning to prune deep neural networks via layer-wise optimal brain
        surgeon" (2017), for the layer's H.
    """
    inverse = np.square(inverse_factor(moments)).sum(axis=0)
    kept = _highest(np.square(weights) / inverse[:, np.newaxis], task)
    return least_squares(weights, moments, kept), kept


def obc(weights: np.ndarray, moments: np.ndarray, task: Task) -> Solution:
    """Remove one weight after another, each time the one of least w² / [H⁻¹]_pp, and update after each.

    For each output: δw = −w_p / [H⁻¹]_pp · H⁻¹_:p, then H⁻¹ ← H⁻¹ − H⁻¹_:p H⁻¹_p: / [H⁻¹]_pp. How many each
    output gives up follows from ranking the errors of all steps of all outputs. The time grows with
    outputs · inputs³: for small layers.

    Source: Frantar, Singh and Alistarh, "Optimal brain compression: a framework for accurate post-training
        quantization and pruning" (2022), algorithms 1 and 2.
    """
    inputs, outputs = weights.shape
    kind = np.float64 if inputs <= _SMALL else np.float32
    factor = inverse_factor(moments)
    inverse = (factor.T @ factor).astype(kind)
    left = np.full(inputs, inputs)  # of each input's group, how many more may be removed
    group = np.zeros(inputs, int)
    steps = min(inputs, task.removed)
    if task.m:
        for number, (start, stop, removed) in enumerate(task.groups(inputs)):
            group[start:stop], left[start:stop] = number, removed
        steps = sum(removed for *_, removed in task.groups(inputs))
    order = np.zeros((outputs, steps), int)
    errors = np.zeros((outputs, steps), kind)
    for output in range(outputs):
        _remove_one_by_one(
            weights[:, output].astype(kind), inverse, group, left, order[output], errors[output]
        )
    kept = np.ones((outputs, inputs), bool)
    if steps:
        # An output's steps come in their own order: a step counts as much as the worst before it.
        stays = np.zeros(errors.shape, bool)
        if not task.m:
            stays = keep_largest({"": np.maximum.accumulate(errors, axis=1)}, task.removed)[0][""]
        rows = np.broadcast_to(np.arange(outputs)[:, np.newaxis], order.shape)
        kept[rows[~stays], order[~stays]] = False
    kept = kept.T
    return least_squares(weights, moments, kept), kept


def sparsegpt(weights: np.ndarray, moments: np.ndarray, task: Task) -> Solution:
    """Remove weights input by input, and make up for each in the inputs that follow.

    With the upper factor U of H⁻¹ = UᵀU, removing w_q of an output changes its later weights by
    −w_q / U_qq · U_q,q:. In each block of 128 inputs the weights of least w² / U_qq² are removed, the same
    share of each block; for N:M those of each group when its turn comes.

    Source: Frantar and Alistarh, "SparseGPT: massive language models can be accurately pruned in one-shot"
        (2023), algorithm 1.
    """
    inputs, outputs = weights.shape
    factor = inverse_factor(moments.astype(np.float32))
    own = np.square(np.diagonal(factor))[:, np.newaxis]
    new = np.array(weights, np.float32, order="C")
    kept = np.ones(new.shape, bool)
    errors = np.empty(new.shape, np.float32)
    done = 0
    for start, stop, groups in _blocks(inputs, task):
        if not task.m:
            wanted = round(task.removed * stop / inputs) - done
            done += wanted
            ranked = np.square(new[start:stop]) / own[start:stop]
            kept[start:stop] = keep_largest({"": ranked}, wanted)[0][""]
        for first, last, removed in groups:
            if task.m:
                ranked = np.square(new[first:last]) / own[first:last]
                kept[first:last] = _of_each_output(ranked, removed)
            for row in range(first, last):
                errors[row] = np.where(kept[row], 0, new[row] / factor[row, row])
                new[row + 1 : last] -= factor[row, row + 1 : last, np.newaxis] * errors[row]
            new[last:stop] -= factor[first:last, last:stop].T @ errors[first:last]
        new[stop:] -= factor[start:stop, stop:].T @ errors[start:stop]
    new[~kept] = 0
    return new, kept


def thinet(weights: np.ndarray, moments: np.ndarray, task: Task) -> Solution:
    """Remove whole inputs, each time the one that changes the outputs least; then solve for the others.

    The set S of removed inputs keeps ‖Σ_{j∈S} X_j W_j‖² small, grown one by one. In a convolution an input
    is a channel, with all places of the window. The paper then gives each kept channel one factor by least
    squares; here each kept weight is solved for.

    Source: Luo, Wu and Lin, "ThiNet: a filter level pruning method for deep neural network compression"
        (2017), sections 3.2.2 and 3.2.3.
    """
    channels = len(weights) // task.places
    products = moments * (weights.astype(np.float64) @ weights.T)
    between = products.reshape(task.places, channels, task.places, channels).sum(axis=(0, 2))
    rise = np.diagonal(between).copy()
    stays = np.ones(channels, bool)
    for _ in range(task.removed):
        worst = int(np.argmin(np.where(stays, rise, np.inf)))
        stays[worst] = False
        rise += 2 * between[worst]
    kept = np.broadcast_to(np.tile(stays, task.places)[:, np.newaxis], weights.shape)
    return least_squares(weights, moments, kept), kept


def wanda(weights: np.ndarray, moments: np.ndarray, task: Task) -> Solution:
    """Remove from each output the weights of least |w| · √H_qq, which is |w| · ‖X_q‖; change no others.

    ``task.removed`` is the number for each output.

    Source: Sun et al., "A simple and effective pruning approach for large language models" (2024),
        algorithm 1, where each layer gets its inputs from layers that are pruned already.
    """
    scores = np.abs(weights) * np.sqrt(np.diagonal(moments))[:, np.newaxis]
    kept = _highest(scores, task) if task.m else _of_each_output(scores, task.removed)
    return np.where(kept, weights, 0), kept


SOLVERS: dict[str, Solver] = {"obs": obs, "obc": obc, "sparsegpt": sparsegpt, "thinet": thinet}


def least_squares(weights: np.ndarray, moments: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the weights of least error among those that are 0 where not kept: w_K + (H_KK)⁻¹ H_KQ w_Q."""
    new = np.where(kept, weights, 0).astype(np.float64)
    whole = weights.astype(np.float64)
    (posv,) = lapack.get_lapack_funcs(("posv",), (np.float64(0),))
    alike = bool((kept == kept[:, :1]).all())
    for output in range(1 if alike else weights.shape[1]):
        stay = kept[:, output]
        columns = slice(None) if alike else slice(output, output + 1)
        if stay.any() and not stay.all():
            right = moments[np.ix_(stay, ~stay)] @ whole[~stay, columns]
            _, more, failed = posv(moments[np.ix_(stay, stay)], right, overwrite_a=True)
            if failed:
                raise ValueError(_DEPENDENT)
            new[stay, columns] += more
    return new


def inverse_factor(moments: np.ndarray) -> np.ndarray:
    """Return the upper triangular U with H⁻¹ = UᵀU, in H's dtype, without computing H⁻¹.

    Counted from the last input to the first, H has the Cholesky factor L; U is the inverse of L so counted.

    Raises:
        ValueError: If H is not positive definite.
    """
    potrf, trtri = lapack.get_lapack_funcs(("potrf", "trtri"), (moments,))
    lower, failed = potrf(moments[::-1, ::-1], lower=True, clean=True)
    if failed:
        raise ValueError(_DEPENDENT)
    inverse, _ = trtri(lower, lower=True)
    return inverse[::-1, ::-1]


def _remove_one_by_one(
    w: np.ndarray,
    inverse: np.ndarray,
    group: np.ndarray,
    left: np.ndarray,
    order: np.ndarray,
    errors: np.ndarray,
) -> None:
    """Fill in the order in which an output's weights are removed, and the error of each step."""
    (rank_one,) = blas.get_blas_funcs(("ger",), (inverse,))
    inverse, left = np.array(inverse, order="F"), left.copy()
    alive = left > 0
    for step in range(len(order)):
        own = np.diagonal(inverse)
        rise = np.where(alive, np.square(w) / np.where(alive, own, 1), np.inf)
        worst = int(np.argmin(rise))
        order[step], errors[step] = worst, rise[worst]
        column, pivot = inverse[:, worst].copy(), own[worst]
        w -= column * (w[worst] / pivot)
        inverse = rank_one(-1 / pivot, column, column, a=inverse, overwrite_a=True)
        left[group == group[worst]] -= 1
        alive[worst] = False
        alive &= left > 0


def _blocks(inputs: int, task: Task) -> Iterator[tuple[int, int, list[tuple[int, int, int]]]]:
    """Yield (start, stop, [(start, stop, number to remove) of its rows or N:M groups]) of each block."""
    if task.m:
        parts = list(task.groups(inputs))
    else:
        parts = [(start, min(start + _ROWS, inputs), 0) for start in range(0, inputs, _ROWS)]
    inside: list[tuple[int, int, int]] = []
    for part in parts:
        inside.append(part)
        if part[1] - inside[0][0] >= _BLOCK or part[1] == inputs:
            yield inside[0][0], part[1], inside
            inside = []


def _highest(scores: np.ndarray, task: Task) -> np.ndarray:
    """Return the mask that keeps the highest scores, of the whole layer or of each N:M group."""
    if not task.m:
        return keep_largest({"": scores}, task.removed)[0][""]
    kept = np.ones(scores.shape, bool)
    for start, stop, removed in task.groups(len(scores)):
        kept[start:stop] = _of_each_output(scores[start:stop], removed)
    return kept


def _of_each_output(scores: np.ndarray, removed: int) -> np.ndarray:
    """Return False for this many of the lowest scores of each output; of equal ones, the earlier."""
    kept = np.ones(scores.shape, bool)
    np.put_along_axis(kept, scores.argsort(axis=0, kind="stable")[:removed], False, axis=0)
    return kept
