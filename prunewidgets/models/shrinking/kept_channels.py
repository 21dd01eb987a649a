"""Normalisations that leave removed channels out of their statistics, for the masked model.

A layer that divides by the variance of all channels gives other outputs when zeros are among them than
when they are gone. In the model that ``mask_units`` returns these take the place of Keras's own, so that it
has the outputs of the smaller model, in which Keras's own layers see the kept channels alone.
"""

from typing import Any

import keras
import numpy as np
from keras import ops


class KeptChannels:
    """What the layers below have in common.

    Args:
        removed: Positions on the last axis that are left out, and that come out as zero.
        **kwargs: As for the layer in Keras.
    """

    def __init__(self, removed: Any = (), **kwargs: Any) -> None:
        """Create the layer."""
        super().__init__(**kwargs)
        self.removed = [int(place) for place in removed]

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of Keras's layer, with the removed positions."""
        return super().get_config() | {"removed": self.removed}  # type: ignore[misc]

    def kept(self, width: int) -> np.ndarray:
        """Return (width,) float32 ones, and zeros at the removed positions."""
        kept = np.ones(width, "float32")
        kept[self.removed] = 0
        return kept

    def normalized(self, inputs: Any, axes: list[int], epsilon: float, centre: bool = True) -> Any:
        """Return values with mean square 1 and, with ``centre``, mean 0 over the kept channels."""
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        kept = self.kept(x.shape[-1])
        portion = max(float(kept.mean()), 1e-9)
        if centre:
            x = x - ops.mean(x * kept, axis=axes, keepdims=True) / portion
        x = x * kept
        return x * ops.rsqrt(ops.mean(ops.square(x), axis=axes, keepdims=True) / portion + epsilon)


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptLayerNormalization(KeptChannels, keras.layers.LayerNormalization):
    """``keras.layers.LayerNormalization`` over the kept channels."""

    def call(self, inputs: Any) -> Any:
        """Normalise, scale and shift."""
        x = self.normalized(inputs, self.axis, self.epsilon)
        shape = [length if axis in _places(self.axis, inputs) else 1 for axis, length in enumerate(x.shape)]
        x = x if self.gamma is None else x * ops.reshape(self.gamma, shape)
        x = x if self.beta is None else x + ops.reshape(self.beta, shape)
        return ops.cast(x, self.compute_dtype)


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptRMSNormalization(KeptChannels, keras.layers.RMSNormalization):
    """``keras.layers.RMSNormalization`` over the kept channels."""

    def call(self, inputs: Any) -> Any:
        """Normalise and scale."""
        x = self.normalized(inputs, self.axis, self.epsilon, centre=False)
        shape = [length if axis in _places(self.axis, inputs) else 1 for axis, length in enumerate(x.shape)]
        return ops.cast(x * ops.reshape(ops.cast(self.scale, x.dtype), shape), self.compute_dtype)


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptGroupNormalization(KeptChannels, keras.layers.GroupNormalization):
    """``keras.layers.GroupNormalization`` with one group, over the kept channels."""

    def call(self, inputs: Any) -> Any:
        """Normalise, scale and shift."""
        x = self.normalized(inputs, list(range(1, len(inputs.shape))), self.epsilon)
        x = x if self.gamma is None else x * ops.cast(self.gamma, x.dtype)
        x = x if self.beta is None else x + ops.cast(self.beta, x.dtype)
        return ops.cast(x, self.compute_dtype)


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptUnitNormalization(KeptChannels, keras.layers.UnitNormalization):
    """``keras.layers.UnitNormalization`` over the kept channels."""

    def call(self, inputs: Any) -> Any:
        """Divide by the norm."""
        return super().call(inputs * ops.cast(self.kept(inputs.shape[-1]), inputs.dtype))


_KEPT: dict[type, type] = {
    keras.layers.LayerNormalization: KeptLayerNormalization,
    keras.layers.RMSNormalization: KeptRMSNormalization,
    keras.layers.GroupNormalization: KeptGroupNormalization,
    keras.layers.UnitNormalization: KeptUnitNormalization,
}
_PLAIN = {kept: plain for plain, kept in _KEPT.items()}


def successor_of(
    layer: Any, config: dict[str, Any], kept: np.ndarray, zeros: bool
) -> tuple[Any, dict[str, Any]]:
    """Return the class that replaces such a layer, and its configuration.

    Args:
        layer: One of Keras's layers above, or of ours.
        config: Its configuration.
        kept: (channels of the layer,) bool array.
        zeros: Whether removed channels stay as zeros.
    """
    if type(layer) is keras.layers.GroupNormalization and layer.groups > 1:
        return type(layer), config  # whole groups are removed, and the others do not see them
    gone = np.zeros(len(kept), bool)
    gone[getattr(layer, "removed", [])] = True
    gone = gone | ~kept if zeros else gone[kept]
    plain = _PLAIN.get(type(layer), type(layer))
    config = {name: value for name, value in config.items() if name != "removed"}
    if gone.any():
        return _KEPT[plain], config | {"removed": np.flatnonzero(gone).tolist()}
    return plain, config


def _places(axes: list[int], tensor: Any) -> set[int]:
    return {axis % len(tensor.shape) for axis in axes}
