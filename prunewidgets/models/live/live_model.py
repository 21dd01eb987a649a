"""LiveModel: evaluate a Keras model with weights removed, and change the model only on request."""

import warnings
import weakref
from collections.abc import Callable, Mapping
from copy import copy
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from ...core.layouts import like
from ...core.masks import Masks, warn_emptied
from ..forward.reach import refuse_unreached
from ..holding import state as model_state
from ..layers.layouts import model_layouts, weight_numbers
from ..layers.positions import positions
from ..layers.quantized import are_quantized, quantized_layers
from ..layers.weights import Layers, Prunable, prunable_variables, selected
from .checked_masks import Choose, checked_masks
from .measuring import Measuring


class LiveModel(Measuring):
    """A built Keras 3 model whose weights can be masked in a copy, or removed in the model and restored.

    Several LiveModels of one model share their state: what one has applied, another can restore.

    Args:
        model: A built model: Sequential, Functional or subclassed. It is referred to, never copied.
        layers: Prune the weights of these only: the name of a layer (``conv_2``, with all that is in it) or
            weight (``conv_2/kernel``), a layer, a class of layers, a compiled regular expression, a function
            from a variable to bool, or a list of these. Kernels and embeddings are prunable, biases and
            normalisation are not, unless a weight is given by its full name (``conv_2/bias``) or
            ``prunable`` is "all". Defaults to all layers.
        exclude: Leave these out; same forms as ``layers``.
        prunable: "all" makes every weight prunable, biases and normalisation included, within ``layers``
            and ``exclude``. A function from a variable to bool chooses among kernels and embeddings.

    Layers with LoRA adapters are pruned as the sum that they compute with, and so are kernels in float8. What
    ``model.quantize`` has made integers cannot be pruned; a warning names those layers.

    Attributes:
        model: The model itself.
        names: Names of the prunable weights, such as ``conv_2/kernel``.
        layouts: {name: Layout}: which axes of each are inputs and outputs, see ``pw.layouts``. ``weights``
            and the scores made from them carry the layouts along.

    Raises:
        TypeError: If it is not a Keras 3 model.
        ValueError: If it is not built, has no prunable weights, or has some in a layer that does not read
            their values through Keras: masks would not change its outputs.

    Example:
        >>> live = pw.LiveModel(pw.models.pretrained("lenet_300_100"))
        >>> _, (x, y) = pw.datasets.mnist()
        >>> masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.9)
        >>> round(live.evaluate(x, y), 2), round(live.evaluate(x, y, masks), 2)  # masked in a copy
        (0.98, 0.93)
        >>> live.apply(masks)  # in the model itself: held at zero, whatever trains it
        >>> live.applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> live.restore()
    """

    def __init__(
        self,
        model: keras.Model,
        layers: Layers = None,
        exclude: Layers = None,
        prunable: Prunable | Literal["all"] | None = None,
    ) -> None:
        """Find the prunable weights; the model does not change."""
        self._variables = prunable_variables(model, layers, exclude, prunable)
        self.model = model
        if layers is exclude is prunable is None and (integers := quantized_layers(model)):
            warnings.warn(
                f"Only a part of {model.name!r} can be pruned: {are_quantized(integers)}, and masks remove "
                "float weights. The numbers are for the other layers.",
                stacklevel=2,
            )
        self.names = tuple(self._variables)
        self.layouts = model_layouts(model, self._variables)
        self._numbers = weight_numbers(model)
        self._state = model_state.state_of(model)
        self._state.forward.trace_custom_layers(self.snapshot().values)
        refuse_unreached(model, self._variables, self._state.forward.unreached)

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The prunable weights by name: copies, in their own dtype and shape."""
        weights = self.snapshot().weights
        return like(weights, {name: array.copy() for name, array in weights.items()})

    @property
    def applied(self) -> Masks | None:
        """The masks held now, or None; warns if removed weights are no longer zero."""
        return model_state.applied_now(self.model)

    def apply(self, masks: Mapping[str, np.ndarray]) -> None:
        """Set the removed weights in the model to zero and hold them there, whatever writes to them later.

        This covers any training (``fit`` of this model or of one that contains it, custom ``tf.function``
        steps and loops, traced before or after) and anything that restores weights: ``load_weights``,
        ``set_weights``, ``EarlyStopping``, ``BackupAndRestore``, ``SwapEMAWeights``. To bring removed weights
        back, call ``restore`` or apply other masks.

        The first apply saves every variable for ``restore``. The masks of a later one replace the earlier
        ones: a weight that is no longer removed may train again, from zero.

        Copies made by ``copy`` and ``pickle`` (also in ``cloudpickle`` and ``joblib``) hold the same masks,
        and so do files of ``pw.save_model`` read by ``pw.load_model``. Files of ``model.save`` and
        ``load_compact``, ``clone_model`` and the smaller copies that this package makes have the zeros at
        most, but do not hold them: hold them again with ``pw.hold_zeros(copy)``.

        Args:
            masks: ``Masks`` or {name: boolean array}, True = kept. Weights without a mask are kept.

        Raises:
            ValueError: If a name or shape does not match the model; the model is then unchanged.
        """
        self.apply_chosen(lambda weights: masks)

    def apply_chosen(self, choose: Choose, values: Mapping[str, tf.Tensor] | None = None) -> Masks:
        """Choose masks from the weights and apply them, with no change to the weights in between.

        Args:
            choose: A function from the prunable weights by name, read-only, to the masks.
            values: {name: new value} of weights to change as well, see ``prune_and_update``.

        Returns:
            The masks, now applied. A warning names each layer that has no weights left.
        """
        with self.lock:
            masks = checked_masks(choose(self.snapshot().weights), self._variables, self.model.name)
            applied = self._state.applied
            model_state.apply(self.model, self._variables, masks, values)
        self._state.notify_watchers()  # without the lock: a watcher may wait for a thread that needs it
        warn_emptied(masks, known=() if applied is None else applied.emptied)
        return masks

    def restore(self) -> None:
        """Restore the state before the first apply bit for bit: weights, statistics, optimizer, constraints.

        Does nothing if nothing is applied. Also works right after an interrupted ``fit``. If the model was
        compiled with another optimizer meanwhile, that one keeps its state; the earlier one is restored.
        """
        model_state.restore(self.model)
        self._state.notify_watchers()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call a method after each apply and restore, whichever LiveModel of this model does it.

        Args:
            changed: A bound method without arguments. Its object is referred to weakly, so watching does
                not keep it alive.
        """
        self._state.watchers.append(weakref.WeakMethod(changed))

    def positions(self) -> dict[str, int]:
        """Return {name: uses of each weight for one example}; ValueError names those that are not known."""
        return positions(self.model, self._variables)

    def __repr__(self) -> str:
        """Return name, number of prunable weights and what is applied, or the zeros that nothing holds."""
        size = sum(int(np.prod(variable.shape)) for variable in self._variables.values())
        state = f"applied: {self.applied}"
        if self._state.applied is None and (
            zeros := size - sum(map(np.count_nonzero, self.weights.values()))
        ):
            state += f"; {100 * zeros / size:.2f} % are zero, but not held: see pw.hold_zeros"
        return f"LiveModel({self.model.name!r}, {size:,} prunable weights, {state})"


def as_live(model: keras.Model | LiveModel, layers: Layers = None, exclude: Layers = None) -> LiveModel:
    """Return the LiveModel itself, or one for the model; with layers or exclude, one of fewer weights."""
    if not isinstance(model, LiveModel):
        return LiveModel(model, layers, exclude)
    if layers is None and exclude is None:
        return model
    fewer = copy(model)
    fewer._variables = selected(model.model, model._variables, layers, exclude)
    fewer.names = tuple(fewer._variables)
    return fewer
