"""LoRA adapters on a pruned layer: the layer uses W + s·A·B, and this sum is zero where it is pruned.

Keras adds the product of the adapters to the kernel (``layer.enable_lora``) and writes the sum to files. So
the masks that hold W apply to the sum as well; A and B themselves train freely and are never pruned.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.common.stateless_scope import in_stateless_scope

from .held_variable import held, is_held

_NAMES = ("kernel", "embeddings")
_CLASS = object.__dict__["__class__"]


@dataclass(frozen=True)
class Adapted:
    """A layer's weight and what its adapters add to it."""

    layer: keras.Layer
    base: keras.Variable
    a: keras.Variable
    b: keras.Variable

    def merged(self, values: dict[int, tf.Tensor]) -> tf.Tensor:
        """Return W + s·A·B in the dtype of W, from values of variables by id."""
        base, a, b = (values[id(variable)] for variable in (self.base, self.a, self.b))
        product = (self.layer.lora_alpha / self.layer.lora_rank) * tf.matmul(a, b)
        return tf.cast(tf.cast(base, product.dtype) + product, base.dtype)


def adapted(model: keras.Model) -> Iterator[Adapted]:
    """Yield the weights of a model that have adapters, except integer ones (after ``quantize``)."""
    for layer, name, base in _adaptable(model):
        if layer.lora_enabled and keras.backend.is_float_dtype(base.dtype):
            yield Adapted(layer, base, *(getattr(layer, f"lora_{name}_{side}") for side in "ab"))


def adapted_layers(model: keras.Model) -> list[str]:
    """Return the names of the layers that have adapters."""
    return list(dict.fromkeys(layer.name for layer, *_ in _adaptable(model) if layer.lora_enabled))


def merge(model: keras.Model, values: dict[int, tf.Tensor], earlier: Mapping[int, tf.Tensor]) -> None:
    """Replace kernels by what the layers use, and set the adapters' B to zero, in values of variables by id.

    Args:
        model: The model that the values belong to.
        values: {id: value}; changed in place.
        earlier: {id: value} of the values from before the first apply; no mask is applied to these.
    """
    for one in adapted(model):
        whole = one.merged(values)
        values[id(one.base)] = whole if id(one.base) in earlier else held(one.base, whole)
        values[id(one.b)] = tf.zeros_like(values[id(one.b)])


def hold_adapters(model: keras.Model, held_ids: set[int]) -> None:
    """Apply the masks to what the layers use, also for adapters that are enabled later.

    Args:
        model: The model.
        held_ids: The ids of the variables that masks hold.
    """
    for layer, name, base in _adaptable(model):
        if id(base) in held_ids and layer.lora_enabled:
            _mask_class(layer, name)
        elif id(base) in held_ids:
            object.__setattr__(layer, "enable_lora", functools.partial(_enable, layer, name))


def release_adapters(model: keras.Model) -> None:
    """Make the layers of a model plain ones again, except those that another model holds too."""
    for layer, _, base in _adaptable(model):
        if not is_held(base):
            vars(layer).pop("enable_lora", None)
            _CLASS.__set__(layer, layer.__class__)


def refuse_adapters(model: keras.Model) -> None:
    """Raise ValueError if a copy would compute something else because nothing masks its adapters."""
    values = {id(variable): tf.convert_to_tensor(variable.value) for variable in model.variables}
    for one in adapted(model):
        whole = one.merged(values)
        if tf.reduce_any(held(one.base, whole) != whole):
            raise ValueError(
                f"Layer {one.layer.name!r} of {model.name!r} is pruned and has LoRA adapters, which nothing "
                "would mask in a copy: pw.save_model writes the masked sum of kernel and adapters; "
                "take the model that pw.load_model reads from that file."
            )


def _adaptable(model: keras.Model) -> Iterator[tuple[Any, str, keras.Variable]]:
    """Yield the layers that can have adapters, each with the name of its weight and the weight."""
    for layer in model._flatten_layers():
        for name in _NAMES if hasattr(layer, "lora_enabled") else ():
            base = getattr(layer, f"_{name}", None)
            if base is not None:
                yield layer, name, base


def _enable(layer: Any, name: str, *args: Any, **options: Any) -> None:
    """Do what ``enable_lora`` does, for a layer that is already pruned."""
    vars(layer).pop("enable_lora")
    layer.enable_lora(*args, **options)
    _mask_class(layer, name)


def _mask_class(layer: Any, name: str) -> None:
    kind: Any = type(layer)
    _CLASS.__set__(layer, _masking(kind, name))


@functools.cache
def _masking(kind: type, name: str) -> type:
    """Return a subclass of a layer's class that masks the weight it uses.

    Keras takes it for the original class, in files too.
    """
    if getattr(kind, "_masks_adapters", False):
        return kind
    used = getattr(kind, name)

    def masked(self: Any) -> Any:
        whole = used.fget(self)
        # In a pass on values that are passed in, they are already masked, perhaps by other masks.
        if not self.lora_enabled or in_stateless_scope():
            return whole
        return held(getattr(self, f"_{name}"), whole)

    own = {
        name: property(masked, doc=used.__doc__),
        "_masks_adapters": True,
        "__class__": property(lambda self: kind),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
    }
    return type(kind)(kind.__name__, (kind,), own)
