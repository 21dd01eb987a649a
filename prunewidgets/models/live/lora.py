"""LoRA adapters on a pruned layer: what it uses is W + s·A·B, and that is what is zero where it is pruned.

Keras adds the product of the adapters to the kernel (``layer.enable_lora``) and writes their sum to files. So
the masks that hold W go over the sum as well; A and B themselves are trained freely and never pruned.
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
        """W + s·A·B from values of variables by id, in the dtype of W."""
        base, a, b = (values[id(variable)] for variable in (self.base, self.a, self.b))
        product = (self.layer.lora_alpha / self.layer.lora_rank) * tf.matmul(a, b)
        return tf.cast(tf.cast(base, product.dtype) + product, base.dtype)


def adapted(model: keras.Model) -> Iterator[Adapted]:
    """The weights of a model that have adapters; whole numbers (after ``quantize``) are left out."""
    for layer, name, base in _adaptable(model):
        if layer.lora_enabled and keras.backend.is_float_dtype(base.dtype):
            yield Adapted(layer, base, *(getattr(layer, f"lora_{name}_{side}") for side in "ab"))


def merge(model: keras.Model, values: dict[int, tf.Tensor], earlier: Mapping[int, tf.Tensor]) -> None:
    """Put what the layers use into values of variables by id, and nothing into the adapters.

    Args:
        model: The model that the values are of.
        values: {id: value}; changed.
        earlier: {id: value} of those that are from before the first apply: no mask goes over them.
    """
    for one in adapted(model):
        whole = one.merged(values)
        values[id(one.base)] = whole if id(one.base) in earlier else held(one.base, whole)
        values[id(one.b)] = tf.zeros_like(values[id(one.b)])


def hold_adapters(model: keras.Model, held_ids: set[int]) -> None:
    """Lay the masks over what the layers use, also of adapters that are enabled later.

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
    """Make the layers of a model plain ones again, those excepted that another model holds too."""
    for layer, _, base in _adaptable(model):
        if not is_held(base):
            vars(layer).pop("enable_lora", None)
            _CLASS.__set__(layer, layer.__class__)


def refuse_adapters(model: keras.Model) -> None:
    """Raise ValueError if a copy of the variables would be another model: nothing masks its adapters."""
    values = {id(variable): tf.convert_to_tensor(variable.value) for variable in model.variables}
    for one in adapted(model):
        whole = one.merged(values)
        if tf.reduce_any(held(one.base, whole) != whole):
            raise ValueError(
                f"Layer {one.layer.name!r} of {model.name!r} is pruned and has LoRA adapters, which nothing "
                "would mask in a copy: pw.models.save_model writes the masked sum of kernel and adapters; "
                "take the model that pw.models.load_model reads from that file."
            )


def _adaptable(model: keras.Model) -> Iterator[tuple[Any, str, keras.Variable]]:
    """The layers that can have adapters, each with the name of its weight and the weight."""
    for layer in model._flatten_layers():
        for name in _NAMES if hasattr(layer, "lora_enabled") else ():
            base = getattr(layer, f"_{name}", None)
            if base is not None:
                yield layer, name, base


def _enable(layer: Any, name: str, *args: Any, **options: Any) -> None:
    """``enable_lora`` of a layer that is pruned already."""
    vars(layer).pop("enable_lora")
    layer.enable_lora(*args, **options)
    _mask_class(layer, name)


def _mask_class(layer: Any, name: str) -> None:
    kind: Any = type(layer)
    _CLASS.__set__(layer, _masking(kind, name))


@functools.cache
def _masking(kind: type, name: str) -> type:
    """The class of a layer, with the masks over the weight that it uses.

    Keras takes it for the class itself, in files too.
    """
    if getattr(kind, "_masks_adapters", False):
        return kind
    used = getattr(kind, name)

    def masked(self: Any) -> Any:
        whole = used.fget(self)
        # A pass on values that are handed in has them masked already, perhaps by other masks.
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
