"""Prune layer after layer and change the weights that stay, so that each layer's outputs change least."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.arrays import by_weight, is_whole, refuse_non_finite
from ...core.criteria import score
from ...core.layouts import Layout, from_products, to_products
from ...core.masks import Masks
from ...core.patterns import checked_pair
from ...core.thresholds import checked_sparsity
from ...utils.progress_bar import progress
from ..layers.weights import Layers
from ..live.live_model import LiveModel, as_live
from .calibration import Calibration
from .solvers import SOLVERS, Solver, Task, damped, wanda


def prune_and_update(
    model: keras.Model | LiveModel,
    x: Any,
    sparsity: float | Mapping[str, float] | None = None,
    method: str = "sparsegpt",
    n_of_m: tuple[int, int] | None = None,
    scope: str = "global",
    damping: float = 0.01,
    batch_size: int = 32,
    layers: Layers = None,
    exclude: Layers = None,
    steps: int | None = None,
) -> Masks:
    """Remove weights layer after layer, and change those that stay so that its outputs change least.

    Each layer is solved by itself, without training and without labels, on the inputs that it gets from the
    layers before, which are pruned already. With X its inputs on the examples, ‖X W − X Ŵ‖² is kept small.
    ``LiveModel(model).restore()`` undoes it, changed weights included. Ctrl-C leaves the model as it was.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        x: Inputs as for ``LiveModel.evaluate``, or a data set of batches: some hundred training examples.
            Labels are not used.
        sparsity: Share of the weights to remove, 0 to 1; or {name of a layer or weight: share}, which leaves
            the others unpruned. For "thinet" a layer's share is that of its inputs.
        method: "sparsegpt" (the default), "obs", "obc" (for small layers: its time grows with the cube of the
            inputs) or "thinet" (whole inputs), see ``pw.methods`` and the functions of these names; or
            "wanda", which removes the same share of the weights of each output and changes no others.
        n_of_m: (n, m) instead of ``sparsity``: keep n of every m consecutive weights along the inputs of each
            output, see ``pw.patterns.n_of_m``; not for "thinet".
        scope: How many weights each layer gives up: "global" (the default), as many as if all layers were
            ranked together by size; "erk", more of large layers than of small ones, see
            ``Masks.from_sparsity``; or "layer", the same share of each, as in the papers.
        damping: Share of the mean squared input that is added to each. Defaults to 0.01. The more, the less
            the weights change.
        batch_size: Examples per forward pass, also if those of a data set come in other batches. Defaults to
            32.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all. Possible are Dense, EinsumDense (in attention layers too), Conv1D,
            Conv2D and Conv3D.
        exclude: Do not prune these.
        steps: Batches of a data set to read, needed if it has no end. Defaults to all.

    Returns:
        The masks, now applied.

    Raises:
        ValueError: If the method or scope is unknown, neither or both of ``sparsity`` and ``n_of_m`` are
            given, one of them is out of range, damping is negative, or a layer is of another kind.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, _), (x_test, y_test) = pw.datasets.mnist()
        >>> pw.prune_and_update(model, x[:1_000], sparsity=0.9)
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> live = pw.LiveModel(model)
        >>> round(live.evaluate(x_test, y_test), 2)  # 0.93 where the smallest weights are removed alone
        0.96
        >>> live.restore()
    """
    solver = _solver(method, sparsity, n_of_m)
    if scope not in ("global", "layer", "erk"):
        raise ValueError(f"scope {scope!r} is not known here; choose 'global', 'layer' or 'erk'.")
    if not damping >= 0:
        raise ValueError(f"damping is {damping!r}; give a number, 0 or more.")
    if not is_whole(batch_size, 1, 2**31):
        raise ValueError(f"batch_size is {batch_size!r}; it has to be a whole number, 1 or more.")
    live = as_live(model, layers, exclude)
    weights = live.snapshot().weights
    scores = score(weights)  # also refuses weights that are NaN
    shares: dict[str, Any] = dict.fromkeys(live.names)
    if isinstance(sparsity, Mapping):
        shares = by_weight(sparsity, live.names, "sparsity")
        for share in shares.values():
            checked_sparsity(share)
    elif sparsity is not None:
        spread = Masks.from_sparsity(scores, sparsity, scope).by_layer()
        shares = {name: figures["sparsity"] for name, figures in spread.items()}
    calibration = Calibration(live, list(shares), x, int(batch_size), steps, keep=True)
    # Wanda solves nothing, and ranks by the inputs as they are.
    own_damping = 0.0 if method == "wanda" else damping
    masks, values = {}, {}
    for name in progress(calibration.in_order(), "layer"):
        moments = calibration.sums([name], _moments)[name]
        place = calibration.places[name]
        before = np.asarray(calibration.values[place])
        form = partial(_task, method, shares[name], n_of_m)
        after, masks[name] = _solve(
            before.astype(np.float32), moments, calibration.layouts[name], own_damping, solver, form
        )
        refuse_non_finite(after, name, "weights", "Use more examples, or more damping.")
        values[name] = calibration.values[place] = tf.cast(after, calibration.values[place].dtype)
    return live.apply_chosen(lambda weights: {name: masks[name] for name in shares}, values)


def _moments(rows: tf.Tensor) -> tf.Tensor:
    """Return XᵀX of inputs (parts, rows, inputs)."""
    return tf.matmul(rows, rows, transpose_a=True)


def _solve(
    array: np.ndarray, moments: np.ndarray, layout: Layout, damping: float, solver: Solver, form: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return a kernel solved part by part, and its mask."""
    products = to_products(array, layout)
    places = int(np.prod([array.shape[axis] for axis in layout.places(array.ndim)], dtype=np.int64))
    new, kept = np.empty(products.shape, np.float32), np.empty(products.shape, bool)
    for number, part in enumerate(products):
        own, dead = damped(moments[number], damping)
        # What multiplies an input that is always 0 goes first, as it has no effect.
        solved, kept[number] = solver(np.where(dead[:, np.newaxis], 0, part), own, form(part.shape, places))
        new[number] = np.where(dead[:, np.newaxis] & kept[number], part, solved)
    return from_products(new, array.shape, layout), from_products(kept, array.shape, layout)


def _task(
    method: str, share: float, n_of_m: tuple[int, int] | None, shape: tuple[int, int], places: int
) -> Task:
    if n_of_m is not None:
        return Task(0, places, *n_of_m)
    of_all = {"thinet": shape[0] // places, "wanda": shape[0]}.get(method, shape[0] * shape[1])
    return Task(round(share * of_all), places)


def _solver(method: str, sparsity: Any, n_of_m: Any) -> Solver:
    methods = {**SOLVERS, "wanda": wanda}
    if method not in tuple(methods):
        raise ValueError(f"method {method!r} is not known; choose one of {', '.join(methods)}.")
    if (sparsity is None) == (n_of_m is None):
        raise ValueError("Give sparsity= or n_of_m=, one of them.")
    if n_of_m is None:
        return methods[method]
    if method == "thinet":
        raise ValueError("method 'thinet' removes whole inputs: give sparsity= instead of n_of_m=.")
    checked_pair(n_of_m)
    return methods[method]
