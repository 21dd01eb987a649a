"""The write path of a held variable: removed weights stay zero, whatever writes to it."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

_HOLDS = "_prunewidgets_holds"


def masked(values: tf.Tensor, kept: Any) -> tf.Tensor:
    """Return the values where kept is True and +0 elsewhere.

    A product would leave -0, and NaN where a weight was NaN.
    """
    values = tf.convert_to_tensor(values)
    return tf.where(kept, values, tf.zeros((), values.dtype))


if TYPE_CHECKING:
    from tensorflow import Variable as _Base  # the class that it is mixed into
else:
    _Base = object


class _HeldWrites(_Base):
    """Methods that mask a value before writing it, whether Keras, an optimizer or the user's code writes.

    ``set_weights``, ``load_weights``, callbacks that restore weights, and optimizers all end up calling these
    methods of the TensorFlow variable. In a traced function they become part of the graph.
    """

    def assign(self, value: Any, *options: Any, **named: Any) -> Any:
        value = tf.convert_to_tensor(value, dtype=self.dtype)
        if value.shape.is_compatible_with(self.shape):  # otherwise TensorFlow refuses it
            value = _masked_by(self, value)
        return super().assign(value, *options, **named)

    def assign_add(self, delta: Any, *options: Any, **named: Any) -> Any:
        value = self.read_value() + tf.convert_to_tensor(delta, dtype=self.dtype)
        return self.assign(value, *options, **named)

    def assign_sub(self, delta: Any, *options: Any, **named: Any) -> Any:
        value = self.read_value() - tf.convert_to_tensor(delta, dtype=self.dtype)
        return self.assign(value, *options, **named)


def _mask_afterwards(write: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a method that writes to some rows, so that the whole variable is masked afterwards."""

    @functools.wraps(write)
    def writes(self: Any, *args: Any, **named: Any) -> Any:
        result = write(self, *args, **named)
        self.assign(self.read_value())
        return result

    return writes


@functools.cache
def _held_class(plain: type) -> type:
    """Return a subclass of this variable class whose writes are masked."""
    partial = {
        name: _mask_afterwards(method)
        for name, method in inspect.getmembers(plain, inspect.isfunction)
        if "scatter" in name or name in ("_strided_slice_assign", "_restore_from_tensors")
    }
    return type(plain)(plain.__name__, (_HeldWrites, plain), {**partial, "__module__": plain.__module__})


@functools.cache
def _plain_class() -> type:
    return type(tf.Variable(0.0))


def is_held(variable: keras.Variable) -> bool:
    """Return whether a mask holds the variable."""
    return bool(getattr(variable._value, _HOLDS, ()))


def kept_of(variable: keras.Variable) -> np.ndarray | None:
    """Return where the masks that hold a variable keep its weights, None if they remove none."""
    masks = [kept.value.numpy() for kept in getattr(variable._value, _HOLDS, ())]
    kept = np.logical_and.reduce(masks) if masks else np.array(True)
    return None if kept.all() else kept


def held(variable: keras.Variable, value: tf.Tensor) -> tf.Tensor:
    """Return a value with the masks that hold a variable applied to it."""
    return _masked_by(variable._value, value)  # .value may be a cast copy inside a layer


def _masked_by(raw: tf.Variable, value: tf.Tensor) -> tf.Tensor:
    for kept in getattr(raw, _HOLDS, ()):
        value = masked(value, kept.value)
    return value


def refuse_distributed(variables: Mapping[str, keras.Variable]) -> None:
    """Raise ValueError for variables that a strategy of ``tf.distribute`` keeps on several devices."""
    for name, variable in variables.items():
        if isinstance(variable._value, tf.distribute.DistributedValues):
            raise ValueError(
                f"{name!r} is distributed over several devices by tf.distribute, and removed weights cannot "
                "be held at zero there: build the model outside strategy.scope(), and prune and train that."
            )


def hold_writes(variable: keras.Variable, kept: keras.Variable) -> None:
    """Send every later write to a variable through a mask.

    Args:
        variable: A model's variable.
        kept: The mask, True = free to train; it may change later.
    """
    raw = variable.value
    holds = [*(other for other in getattr(raw, _HOLDS, ()) if other is not kept), kept]
    kind: Any = type(raw)
    if kind is _plain_class():
        raw.__class__ = _held_class(kind)
    elif not isinstance(raw, _HeldWrites):
        return
    setattr(raw, _HOLDS, holds)


def release_writes(variable: keras.Variable, kept: keras.Variable) -> None:
    """Remove that mask again; once no mask is left, the variable is a plain one as before."""
    raw = variable.value
    if not isinstance(raw, _HeldWrites):
        return
    holds = [other for other in getattr(raw, _HOLDS) if other is not kept]
    setattr(raw, _HOLDS, holds)
    if not holds:
        raw.__class__ = _plain_class()
        delattr(raw, _HOLDS)
