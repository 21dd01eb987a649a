"""LiveModel: look at a Keras model with weights removed, without touching it, until it is asked for."""

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from ...core.layouts import ModelArrays, like
from ...core.masks import Masks, warn_emptied
from . import state as states
from .accuracy import Accuracy
from .checked_masks import checked_masks
from .forward import Answers, Structure, count
from .held_variable import masked
from .inputs import inputs_for
from .labels import check_length
from .layouts import layouts as layouts_of
from .layouts import places
from .measured import Measured, compare
from .metric import Metric, chosen_metric, value_of
from .positions import positions
from .prepared import Prepared, answers, before, joined, prepare
from .reach import refuse_unreached
from .snapshot import Snapshot, take_snapshot
from .weights import Layers, Prunable, prunable_variables, selected


class LiveModel:
    """A built Keras 3 model whose weights can be masked for a look, or removed and held, and brought back.

    Several LiveModels of one model agree: what one has applied, the other can restore.

    Args:
        model: Sequential, Functional or subclassed; built. It is referred to, never copied.
        layers: Count the weights of these only: the name of a layer (``conv_2``, with all that is in it) or
            weight (``conv_2/kernel``), a layer, a class of layers, a compiled regular expression, a function
            from a variable to bool, or a list of such. Kernels and embeddings count, biases and
            normalisation do not, unless a weight is named whole (``conv_2/bias``) or ``prunable`` is "all".
        exclude: Leave these out; as ``layers``.
        prunable: "all" lets every weight count, biases and normalisation included (or those of them that
            ``layers`` and ``exclude`` choose). A function chooses among kernels and embeddings, as in
            ``layers``.

    Attributes:
        model: The model itself.
        names: Names of the prunable weights, such as ``conv_2/kernel``.
        layouts: {name: Layout}: which axes of each are inputs and outputs, see ``pw.layouts``. ``weights``
            and the scores made from them carry it along.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: Not built, without prunable weights, or with some in a layer that does not ask Keras for
            their values: masks would not reach its outputs.
    """

    def __init__(
        self,
        model: keras.Model,
        layers: Layers = None,
        exclude: Layers = None,
        prunable: Prunable | Literal["all"] | None = None,
    ) -> None:
        """Find the prunable weights; nothing in the model changes."""
        self._variables = prunable_variables(model, layers, exclude, prunable)
        self.model = model
        self.names = tuple(self._variables)
        self.layouts, self._places = layouts_of(model, self._variables), places(model)
        self._state = states.state_of(model)
        self._state.forward.look(self.snapshot().values)
        refuse_unreached(model, self._variables, self._state.forward.unreached)

    @property
    def lock(self) -> threading.RLock:
        """Held while weights are read or written together; hold it around training in another thread."""
        return self._state.lock

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """Copies of the prunable weights by name, in their own dtype and shape."""
        weights = self.snapshot().weights
        return like(weights, {name: array.copy() for name, array in weights.items()})

    def snapshot(self, original: bool = False) -> Snapshot:
        """Every variable as it is now, or as it was before the first apply; nothing is copied."""
        with self.lock:
            taken = take_snapshot(self.model, self._variables, self._state.earlier if original else {})
        return replace(taken, weights=ModelArrays(taken.weights, self.layouts, self._places))

    @property
    def applied(self) -> Masks | None:
        """The masks held now, or None; what something has brought back is named in a warning."""
        return states.applied_now(self.model)

    def apply(self, masks: Mapping[str, np.ndarray]) -> None:
        """Set the removed weights in the model to zero and hold them there, whatever writes to them later.

        That is any training (``fit`` of this model or of one around it, ``tf.function`` steps and loops of
        one's own, traced before or after) and whatever puts weights back: ``load_weights``,
        ``set_weights``, ``EarlyStopping``, ``BackupAndRestore``, ``SwapEMAWeights``. To bring removed weights
        back, ``restore`` or apply other masks.

        The first apply remembers every variable for ``restore``. The masks of a later one replace the earlier
        ones: a weight that is no longer removed may train again, from zero.

        Copies made by ``copy`` and ``pickle`` hold the same. A file, ``clone_model`` and the copies that this
        package makes have the zeros at most, and do not hold them: hold them again with
        ``LiveModel(loaded).apply(pw.Masks.from_zeros(LiveModel(loaded).weights))``.

        Args:
            masks: ``Masks`` or {name: boolean array}, True = kept. Weights without a mask are kept.

        Raises:
            ValueError: A name or shape the model does not have; nothing was changed then.
        """
        self.apply_chosen(lambda weights: masks)

    def apply_chosen(self, choose: Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]) -> Masks:
        """``apply`` with masks that are chosen from the weights: nothing can change them in between.

        Args:
            choose: From the prunable weights by name, read-only, to the masks.

        Returns:
            The masks, now applied. A layer that nothing is left of is named in a warning.
        """
        with self.lock:
            masks = self._checked(choose(self.snapshot().weights))
            applied = self._state.applied
            states.apply(self.model, self._variables, masks)
        self._state.tell()  # without the lock: who hears of it may wait for a thread that needs it
        warn_emptied(masks, known=() if applied is None else applied.emptied)
        return masks

    def restore(self) -> None:
        """Bring every bit back as it was before the first apply: weights, statistics, optimizer, constraints.

        Does nothing when nothing is applied. Works right after an interrupted ``fit`` too. If the model was
        compiled with another optimizer meanwhile, that one keeps what it has; the earlier one is restored.
        """
        states.restore(self.model)
        self._state.tell()

    def watch(self, changed: Callable[[], None]) -> None:
        """Have a method called after each apply and restore, whichever LiveModel of this model does it.

        Args:
            changed: A bound method without arguments. Its object is held weakly: watching keeps nothing
                alive.
        """
        self._state.watchers.append(weakref.WeakMethod(changed))

    def evaluate(
        self,
        x: Structure | Prepared,
        y: Any,
        masks: Mapping[str, np.ndarray] | None = None,
        metric: Metric | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
        sample_weight: Any = None,
    ) -> Accuracy | float:
        """Measure how often the model is right, with masks laid over a copy of its weights.

        As in Keras, padding that a layer masks (``mask_zero=True``) does not count; neither does a label that
        the loss ignores (``ignore_class=``).

        Args:
            x: Inputs with one row per example; a list or dict of arrays for several inputs. Or what
                ``prepare`` made of them.
            y: Integer labels or one-hot rows; one label per position if the model answers per position.
            masks: Laid over the weights; None measures the model as it is.
            metric: For anything but accuracy: a name or object of Keras's, such as "mae"; or
                ``metric(y, predictions) -> float``, which gets all predictions as NumPy arrays.
            batch_size: Examples per forward pass; chosen by itself if None.
            snapshot: Measure these values of the variables in place of the present ones.
            sample_weight: One weight per example or per answer, as for ``weighted_metrics`` in Keras.

        Returns:
            Accuracy, a float with ``.correct``, ``.n`` and ``.interval``; with a metric, its plain float.

        Raises:
            ValueError: x and y of different length, labels the model has no class for, masks that do not fit.
        """
        metric = chosen_metric(metric)
        if metric is not None:
            x = x if isinstance(x, Prepared) else inputs_for(self.model, x)
            if hasattr(y, "shape"):  # what else a metric takes as y is its own affair
                check_length(y, x.n if isinstance(x, Prepared) else count(x))
            outputs, found = joined(self._answers(x, masks, batch_size, snapshot))
            return value_of(metric, y, outputs, found, sample_weight)
        *_, last = self.measure(x, y, masks, batch_size, snapshot, sample_weight)
        return last.accuracy

    def measure(
        self,
        x: Structure | Prepared,
        y: Any,
        masks: Mapping[str, np.ndarray] | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
        sample_weight: Any = None,
    ) -> Iterator[Measured]:
        """``evaluate`` in steps: a partial result can be shown, and closing it cancels the rest.

        The weights are read once, when this is called: what changes in the model afterwards does not mix in.

        Yields:
            ``Measured(predicted, labels, seen, correct, …)`` after each batch.
        """
        n = x.n if isinstance(x, Prepared) else count(x := inputs_for(self.model, x))
        check_length(y, n)
        return compare(self._answers(x, masks, batch_size, snapshot), self.model, y, n, sample_weight)

    def predict(
        self,
        x: Structure | Prepared,
        masks: Mapping[str, np.ndarray] | None = None,
        batch_size: int | None = None,
        snapshot: Snapshot | None = None,
    ) -> Structure:
        """The outputs with masks laid over a copy of the weights: NumPy arrays in the model's structure."""
        return joined(self._answers(x, masks, batch_size, snapshot))[0]

    def prepare(self, x: Structure, order: np.ndarray | None = None) -> Prepared:
        """Inputs for many measurements of the weights as they are now, whatever happens to the model.

        Args:
            x: Inputs, as for ``evaluate``.
            order: The numbers of all examples in the order in which to measure them, if not in their own.
        """
        return prepare(self.snapshot().values, x, self.model, order)

    def prepare_before(self, name: str, whole: Prepared, last: Prepared | None = None) -> Prepared:
        """The same, run as far as masks on this weight and later ones cannot change anything, if possible.

        ``last`` is what this has made of the same inputs for an earlier weight, to go on from.
        """
        return before(whole, self.model, self._variables[name], self._state.forward, last)

    def positions(self) -> dict[str, int]:
        """{name: how often each weight is used for one example}, what the ledger counts multiply-adds with.

        Raises:
            ValueError: A layer for which the model does not tell; it is named.
        """
        return positions(self.model, self._variables)

    def _answers(
        self,
        x: Structure | Prepared,
        masks: Mapping[str, np.ndarray] | None,
        batch_size: int | None,
        snapshot: Snapshot | None,
    ) -> Iterator[Answers]:
        """One forward pass per batch, when asked for. Weights are read and masked now."""
        values = x.values if isinstance(x, Prepared) else (snapshot or self.snapshot()).values
        forward = self._state.forward
        return answers(self.model, self._variables, forward, self._masked(values, masks), x, batch_size)

    def _masked(self, values: list[tf.Tensor], masks: Mapping[str, np.ndarray] | None) -> list[tf.Tensor]:
        """The values of ``model.variables``, zero where a mask removes them."""
        if masks is None:
            return values
        kept = {id(self._variables[name]): mask for name, mask in self._checked(masks).items()}
        return [
            masked(value, kept[id(variable)]) if id(variable) in kept else value
            for variable, value in zip(self.model.variables, values, strict=True)
        ]

    def _checked(self, masks: Mapping[str, np.ndarray]) -> Masks:
        """The masks as ``Masks``, if every one of them fits a weight of this model."""
        return checked_masks(masks, self._variables, self.model.name)

    def __repr__(self) -> str:
        """Name, number of prunable weights, and what is applied; zeros that nothing holds are named."""
        size = sum(int(np.prod(variable.shape)) for variable in self._variables.values())
        state = f"applied: {self.applied}"
        if self._state.applied is None and (
            zeros := size - sum(map(np.count_nonzero, self.weights.values()))
        ):
            state += f"; {100 * zeros / size:.2f} % are zero, but not held: see apply"
        return f"LiveModel({self.model.name!r}, {size:,} prunable weights, {state})"


def as_live(model: keras.Model | LiveModel, layers: Layers = None, exclude: Layers = None) -> LiveModel:
    """The LiveModel itself, or one for the model; with layers or exclude, one of fewer weights."""
    if not isinstance(model, LiveModel):
        return LiveModel(model, layers, exclude)
    if layers is None and exclude is None:
        return model
    fewer = copy(model)
    fewer._variables = selected(model.model, model._variables, layers, exclude)
    fewer.names = tuple(fewer._variables)
    return fewer
