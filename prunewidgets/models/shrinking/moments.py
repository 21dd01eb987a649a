"""What an optimizer has gathered about each weight, cut as the weights are and put into a rebuilt model."""

import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from ..holding.hold import optimizers
from ..holding.state import build_optimizer
from .sizes import Sizes

State = list[tuple[keras.Variable, np.ndarray]]
"""Variables of an optimizer, and the values for them."""

_OF_EACH = {"_accumulated_gradients": 1, "_model_variables_moving_average": -1}
_ADAM = {"_momentums": 1, "_velocities": 2, "_velocity_hats": 2}
_POWERS: dict[type, dict[str, int]] = {
    keras.optimizers.SGD: {"momentums": 1},
    keras.optimizers.Adam: _ADAM,
    keras.optimizers.Nadam: _ADAM,
    keras.optimizers.Lamb: _ADAM,
    keras.optimizers.Lion: {"_momentums": 1},
    keras.optimizers.Adamax: {"_m": 1, "_u": 1},
    keras.optimizers.Adagrad: {"_accumulators": 2},
    keras.optimizers.Adadelta: {"_accumulated_grads": 2, "_accumulated_delta_vars": -2},
    keras.optimizers.RMSprop: {"_velocities": 2, "_momentums": 0, "_average_gradients": 1},
    keras.optimizers.Muon: {"momentums": 1, "adam_velocities": 2},
    keras.optimizers.ScheduleFreeAdamW: {"_momentums": -1, "_velocities": 2},
    keras.optimizers.LossScaleOptimizer: {},
    keras.optimizers.MultiOptimizer: {},
}
"""{class: {list with a variable for each weight: power of the gradient that it is proportional to}}.

The power matters where weights are scaled: their gradients become smaller as they become larger. Averages of
the weights themselves have the power -1. Keras has no public way from a weight to these variables.
"""


def carry_optimizer(model: keras.Model, new: keras.Model, new_of: Mapping[int, Any], sizes: Sizes) -> None:
    """Put the state of a model's optimizer into that of its smaller copy; warn if that cannot be done.

    Args:
        model: The old model; if it is not compiled, or was never trained, nothing is carried.
        new: Its copy, with the weights in place.
        new_of: {id of a variable: its successor}.
        sizes: What is kept of each variable.
    """
    ours, theirs = getattr(model, "optimizer", None), getattr(new, "optimizer", None)
    if ours is None or theirs is None or not ours.built:
        return
    build_optimizer(new)
    old_of = {id(new_of[id(variable)]): variable for variable in model.variables if id(variable) in new_of}
    olds, news = list(optimizers(ours)), list(optimizers(theirs))
    states = [_state(old, fresh, old_of, sizes) for old, fresh in zip(olds, news, strict=False)]
    if len(olds) != len(news) or None in states:
        unknown = (type(old).__name__ for old, state in zip(olds, states, strict=False) if state is None)
        name = next(unknown, "the optimizer")
        warnings.warn(
            f"What {name} has gathered about the weights cannot be cut with them, so the optimizer of the "
            "new model starts at its first step, with the same settings.",
            stacklevel=5,  # the line that calls shrink
        )
        return
    carried = [pair for state in states for pair in state or ()]
    for variable, values in carried:
        variable.assign(values)


def _state(old: Any, fresh: Any, old_of: Mapping[int, keras.Variable], sizes: Sizes) -> State | None:
    """Return the values for the variables of one optimizer, or None if there is no rule for some."""
    powers = next((_POWERS[kind] for kind in type(old).__mro__ if kind in _POWERS), None)
    if powers is None:
        return None
    places = {id(weight): place for place, weight in enumerate(old._trainable_variables)}
    found: State = []
    listed = set()
    for name, power in {**_OF_EACH, **powers}.items():
        before, after = getattr(old, name, []), getattr(fresh, name, [])
        listed |= {id(variable) for variable in (*before, *after)}
        for weight, variable in zip(fresh._trainable_variables, after, strict=False):
            if variable is None:
                continue
            original = old_of.get(id(weight))
            place = places.get(id(original))
            if original is None or place is None or before[place] is None:
                return None
            found.append((variable, sizes.left(original, before[place], power)))
    rest, others = ([v for v in one._variables if id(v) not in listed] for one in (old, fresh))
    if [tuple(v.shape) for v in rest] != [tuple(v.shape) for v in others]:
        return None
    return found + [(other, one.numpy()) for one, other in zip(rest, others, strict=True)]
