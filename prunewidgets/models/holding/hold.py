"""Hold pruned weights at zero: by a constraint in training, and in the variable's own write path."""

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from ..layers.weights import tensor_of
from .held_variable import hold_writes, masked, release_writes


class HeldMask(keras.constraints.Constraint):
    """A constraint that applies the variable's own constraint, if it has one, and then the mask.

    Keras calls a constraint inside the compiled training step after each update, whatever the optimizer
    did: momentum, weight decay and ``steps_per_execution`` included. The mask is a non-trainable variable,
    so that it can change without compiling again; a mask of all True holds nothing. Everything else that
    writes to the variable (``load_weights``, callbacks, a custom training step) goes through the same mask,
    see ``held_variable``.

    Attributes:
        previous: The constraint that the variable had before, or None.
    """

    def __init__(self, model: keras.Model, variable: keras.Variable) -> None:
        """Create a mask of all True, which holds nothing yet."""
        self.previous: Callable[..., Any] | None = None
        self._model = weakref.ref(model)
        self._variable: Callable[[], Any] = weakref.ref(variable)
        self._mask = keras.Variable(
            np.ones(variable.shape, dtype=bool), dtype="bool", trainable=False, name="held_mask"
        )

    @property
    def mask(self) -> np.ndarray:
        """Boolean array in the variable's shape, True = free to train."""
        return self._mask.value.numpy()

    @mask.setter
    def mask(self, kept: np.ndarray) -> None:
        self._mask.assign(kept)

    @property
    def variable(self) -> keras.Variable | None:
        """The held variable, or None if it no longer exists."""
        return self._variable()

    @property
    def weights(self) -> np.ndarray | None:
        """The weights as they are now, or None if the variable no longer exists."""
        variable = self._variable()
        return None if variable is None else np.asarray(tensor_of(variable))

    def attach(self) -> bool:
        """Become the variable's constraint and mask its writes; return False if this was already so."""
        variable = self._variable()
        constraint = variable.constraint
        while isinstance(constraint, HeldMask):  # another model that shares the variable may hold it too
            if constraint is self:
                return False
            constraint = constraint.previous
        self.previous = variable.constraint
        variable.constraint = self
        hold_writes(variable, self._mask)
        return True

    def detach(self) -> None:
        """Stop masking writes; the caller restores the earlier constraint."""
        self.mask = np.ones(self._mask.shape, dtype=bool)  # steps traced meanwhile may refer to it
        variable = self._variable()
        if variable is not None:
            release_writes(variable, self._mask)

    def zero(self) -> None:
        """Set the removed weights of the variable to zero, if it still exists."""
        variable = self._variable()
        if variable is not None:
            variable.assign(masked(variable.value, self._mask.value))

    def __call__(self, w: keras.KerasTensor) -> keras.KerasTensor:
        """Return the weights of an update with both constraints applied.

        An optimizer with ``use_ema`` averages the weights before the constraint is called, and overwrites
        the weights with the averages at the end of ``fit``, where no constraint is called. So the averages
        are masked here as well.
        """
        for average in averages(self._model(), self._variable()):
            average.assign(masked(average.value, self._mask.value))
        return masked(w if self.previous is None else self.previous(w), self._mask.value)


def averages(model: keras.Model | None, variable: keras.Variable | None) -> Iterator[keras.Variable]:
    """Yield the moving averages of a variable in the model's optimizers; none without ``use_ema=True``."""
    for optimizer in optimizers(getattr(model, "optimizer", None)):
        # Keras has no public way from a variable to its average; the two lists are parallel.
        moving = (
            getattr(optimizer, "_model_variables_moving_average", ())
            if getattr(optimizer, "use_ema", False)
            else ()
        )
        trained = getattr(optimizer, "_trainable_variables", ())
        for ours, average in zip(trained, moving, strict=False):
            if ours is variable and average is not None:
                yield average


def optimizers(optimizer: keras.optimizers.Optimizer | None) -> Iterator[keras.optimizers.Optimizer]:
    """Yield the optimizer and those it wraps (loss scaling in mixed precision, several optimizers in one)."""
    if optimizer is None:
        return
    yield optimizer
    for inner in (getattr(optimizer, "inner_optimizer", None), *getattr(optimizer, "optimizers", ())):
        yield from optimizers(inner)
