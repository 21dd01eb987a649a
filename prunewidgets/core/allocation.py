"""Allocation: how many weights of each layer or output stay, where layers are not ranked together."""

from collections.abc import Mapping

import numpy as np

from .layouts import KERAS, Layout, from_products, to_products
from .selection import keep_largest, keep_largest_of_each
from .thresholds import checked_sparsity

SCOPES = ("global", "layer", "output", "erk")
"""How a sparsity is spread over the weights, see `Masks.from_sparsity`."""


def check_scope(scope: str, granularity: str) -> None:
    """Raise ValueError if the scope is unknown, or removes single weights only and groups are asked for."""
    if scope not in SCOPES:
        raise ValueError(f"scope {scope!r} is not known; choose 'global', 'layer', 'output' or 'erk'.")
    if scope in ("output", "erk") and granularity != "weight":
        raise ValueError(
            f"scope {scope!r} removes single weights; leave granularity={granularity!r} out, or choose scope "
            "'global' or 'layer'."
        )


def keep(
    units: Mapping[str, np.ndarray],
    sparsity: float | Mapping[str, float],
    fractions: Mapping[str, float],
    scope: str,
    layouts: Mapping[str, Layout],
) -> tuple[dict[str, np.ndarray], float | dict[str, float] | None]:
    """Return which units stay, and the τ that explains it: one, one per layer, or None.

    Args:
        units: {name: finite float array}, the scores of the units.
        sparsity: the fraction of them to remove, or {name: fraction}, which implies scope "layer".
        fractions: {name: fraction}, the same for each layer that is pruned.
        scope: how the fraction is spread, a name from `SCOPES`.
        layouts: {name: Layout}.
    """
    if scope == "output":
        of_outputs = {
            name: keep_of_each_output(unit, fractions[name], name, layouts.get(name, KERAS))
            if name in fractions
            else np.ones(unit.shape, bool)
            for name, unit in units.items()
        }
        return of_outputs, None
    if scope in ("global", "erk") and not isinstance(sparsity, Mapping):
        removed = round(checked_sparsity(sparsity) * sum(unit.size for unit in units.values()))
        return keep_largest(units, removed) if scope == "global" else keep_by_erk(units, layouts, removed)
    kept: dict[str, np.ndarray] = {}
    thresholds = {}
    for name, unit in units.items():
        fraction = checked_sparsity(fractions.get(name, 0.0))
        layer, thresholds[name] = keep_largest({name: unit}, round(fraction * unit.size))
        kept |= layer
    return kept, thresholds


def keep_of_each_output(scores: np.ndarray, sparsity: float, name: str, layout: Layout) -> np.ndarray:
    """Return which weights stay if the same fraction is removed from the weights of each output."""
    if not layout.fits(scores.ndim):
        raise ValueError(
            f"'{name}' has shape {scores.shape}; scope 'output' needs an axis of outputs and one of inputs. "
            "Leave it out, or choose scope 'layer'."
        )
    products = to_products(scores, layout)
    removed = round(checked_sparsity(sparsity) * products.shape[-2])
    return from_products(keep_largest_of_each(products, removed), scores.shape, layout)


def keep_by_erk(
    scores: Mapping[str, np.ndarray], layouts: Mapping[str, Layout], removed: int
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Remove that many of all scores, from each layer as many as `erk` says; as in `keep_largest`."""
    total = sum(array.size for array in scores.values())
    stay = erk({name: array.shape for name, array in scores.items()}, layouts, total - removed)
    kept: dict[str, np.ndarray] = {}
    thresholds = {}
    for name, array in scores.items():
        layer, thresholds[name] = keep_largest({name: array}, array.size - stay[name])
        kept |= layer
    return kept, thresholds


def erk(shapes: Mapping[str, tuple[int, ...]], layouts: Mapping[str, Layout], kept: int) -> dict[str, int]:
    """Return how many weights of each layer stay: Erdős–Rényi densities, with the window of convolutions.

    The density of a layer is ε · (inputs + outputs + width + height) ÷ (inputs · outputs · width · height),
    with one ε for all layers. Layers that this would keep more than whole stay whole, and ε is found for the
    others. So small layers are pruned less than large ones, and each keeps as many weights as its sides
    are long, times ε.

    Args:
        shapes: {name: shape of the array}.
        layouts: {name: Layout}; Keras's Dense and convolution for the others.
        kept: the number of weights that stay, in all layers together; the numbers returned add up to it, the
            largest remainders being rounded up.

    Source: Evci et al., "Rigging the lottery: making all tickets winners" (2020), section 3 and appendix B;
        Mocanu et al., "Scalable training of artificial neural networks with adaptive sparse connectivity
        inspired by network science" (2018), without the window.
    """
    sizes = np.array([int(np.prod(shape)) for shape in shapes.values()], np.int64)
    sides = np.array([_sides(shape, layouts.get(name, KERAS)) for name, shape in shapes.items()], np.float64)
    whole = sizes == 0
    share = sizes.astype(np.float64)
    while not whole.all():
        epsilon = (kept - sizes[whole].sum()) / sides[~whole].sum()
        share[~whole] = epsilon * sides[~whole]
        more = ~whole & (share >= sizes)
        share[more] = sizes[more]
        whole |= more
        if not more.any():
            break
    numbers = np.minimum(np.floor(share).astype(np.int64), sizes)
    for place in np.argsort(numbers - share, kind="stable"):  # largest remainder first
        if numbers.sum() >= kept:
            break
        numbers[place] += numbers[place] < sizes[place]
    return dict(zip(shapes, numbers.tolist(), strict=True))


def _sides(shape: tuple[int, ...], layout: Layout) -> int:
    """Return inputs + outputs + width + height; an array of one axis, such as a bias, stays whole."""
    if not layout.fits(len(shape)):
        return sum(shape)
    kinds = [layout.inputs, layout.outputs, layout.groups, *((axis,) for axis in layout.places(len(shape)))]
    return sum(int(np.prod([shape[axis] for axis in axes])) for axes in kinds if axes)
