"""Network slimming: training with a penalty on the scales of batch normalisation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from ...utils.uninterrupted import uninterrupted
from ..holding.retrace import trace_again
from ..holding.state import state_of
from ..layers.built import check_built
from ..layers.weights import Layers, named_variables, selected


@contextmanager
def slimming(
    model: keras.Model, strength: float = 1e-4, layers: Layers = None, exclude: Layers = None
) -> Iterator[None]:
    """Add ``strength`` · Σ abs(γ) over the scales γ of batch normalisation to the loss, within a ``with``.

    Scales that the loss does not need shrink towards 0, and their channels with them. Afterwards
    ``pw.unit_score(model, criterion="batch_norm")`` ranks the channels by their scale, ``pw.mask_units``
    and ``pw.shrink`` remove them. At the end of the ``with``, also by Ctrl-C, the penalty is gone and the
    weights are as trained.

    Args:
        model: A built and compiled Keras 3 model with layers of class BatchNormalization that have a scale.
        strength: The factor of the penalty. Defaults to 1e-4, the paper's for CIFAR.
        layers: Penalise these layers only: names, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all layers of batch normalisation.
        exclude: Leave these out.

    Raises:
        ValueError: If there is no such scale, or the strength is not a number above 0.

    Example:
        >>> model = keras.Sequential([
        ...     keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 5), keras.layers.BatchNormalization(),
        ...     keras.layers.ReLU(), keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(10, "softmax"),
        ... ])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> (x, y), _ = pw.datasets.mnist()
        >>> with pw.slimming(model, strength=1e-2):
        ...     history = model.fit(x[:1_280], y[:1_280], verbose=0)
        >>> scores = pw.unit_score(model, criterion="batch_norm")
        >>> smaller = pw.shrink(model, pw.Masks.from_sparsity(scores, 0.5))
        >>> smaller.layers[0].filters
        4

    Source: Liu et al., "Learning efficient convolutional networks through network slimming" (2017),
        equation 1.
    """
    if not (isinstance(strength, int | float) and strength > 0):
        raise ValueError(f"strength is {strength!r}; give a number above 0, such as 1e-4.")
    chosen = _scales(model, layers, exclude)
    before = [(scale, scale.regularizer) for scale in chosen]
    try:
        with state_of(model).lock, uninterrupted():
            for scale, penalty in before:
                scale.regularizer = _Both(penalty, keras.regularizers.L1(strength))
            trace_again(chosen)
        yield
    finally:
        with state_of(model).lock, uninterrupted():
            for scale, penalty in before:
                scale.regularizer = penalty
            trace_again(chosen)


class _Both(keras.regularizers.Regularizer):
    """The sum of the penalty that a variable has, if any, and another."""

    def __init__(self, first: Any, second: Any) -> None:
        self._penalties = [second] if first is None else [first, second]

    def __call__(self, x: Any) -> Any:
        return sum(penalty(x) for penalty in self._penalties)


def _scales(model: keras.Model, layers: Layers, exclude: Layers) -> list[keras.Variable]:
    """Return the chosen scales of a model's batch normalisation, each once."""
    check_built(model)
    owned = {
        id(layer.gamma)
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.gamma is not None
    }
    among = {name: variable for name, variable in named_variables(model).items() if id(variable) in owned}
    if not among:
        raise ValueError(
            f"The model {model.name!r} has no batch normalisation with a scale (gamma), and slimming "
            "penalises scales: put BatchNormalization behind the convolutions, or choose another method."
        )
    chosen = selected(model, among, layers, exclude).values()
    return [variable for variable in chosen if id(variable) in owned]
