"""SparseTraining: a Keras callback that moves the zeros of a sparse model while ``fit`` trains it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import cos, pi
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...core.masks import Masks
from ..live.hold import optimizers
from ..live.weights import Layers, named_variables
from ..pruning.gradients import Gradients
from ..pruning.loss_data import Data, LossData, parts_of
from .gradual import GradualPruning

_EXAMPLES = 128  # of the gradient that chooses which weights come back

Sparsity = float | Mapping[str, float]


class Method(NamedTuple):
    """What distinguishes the methods.

    Attributes:
        schedule: How the sparsity rises, a name from ``pw.schedules``.
        scope: How the sparsity is spread by default.
        back: What chooses the weights that come back: "random", "gradient", or "all" of them for a while.
        share: Share of the kept weights that are exchanged at first, by default.
    """

    schedule: str
    scope: str
    back: str
    share: float


METHODS = {
    "set": Method("constant", "erk", "random", 0.3),
    "rigl": Method("constant", "erk", "gradient", 0.3),
    "granet": Method("polynomial", "global", "gradient", 0.5),
    "acdc": Method("constant", "global", "all", 0.0),
}


class SparseTraining(GradualPruning):
    """A Keras callback that trains a model sparse: removed weights may come back, others leave for them.

    Every ``frequency`` steps from ``begin`` to ``end``, in each layer, the share f of the kept weights that
    are smallest in size is removed, and as many come back, from zero and without momentum. f falls from
    ``share`` to 0 as share / 2 · (1 + cos(π t)), t from 0 to 1. The sparsity is exact after every exchange.

    - "set", sparse evolutionary training: those that come back are random.
    - "rigl", rigged lottery: those with the largest gradients of the loss, in size, on 128 examples of
      ``data``.
    - "granet", gradual pruning with regeneration: as "rigl", while the sparsity rises as in
      ``GradualPruning``, from a dense model.
    - "acdc", alternating compressed and decompressed training: the model is dense for ``frequency`` steps,
      then sparse for as many, and so on; from ``end`` on it is sparse.

    The first masks remove the smallest weights, where the papers on "set" and "rigl" draw them at random. As
    in ``GradualPruning``, the masks hold through everything that writes weights, Ctrl-C leaves a valid model,
    and ``LiveModel(model).restore()`` brings back the model as it was before.

    Args:
        sparsity: The final sparsity, 0 to 1; or {name of a layer or weight: its final sparsity}.
        method: "rigl" (the default), "set", "granet" or "acdc".
        begin: Step of the first pruning. Defaults to 0; "acdc" then begins with a dense phase, as in the
            paper, while a given ``begin``, even 0, begins with a sparse one.
        end: Step of the last change. Defaults to three quarters of the planned steps.
        frequency: Number of steps between two exchanges, or of a phase of "acdc". Defaults to 100.
        share: Share of the kept weights that are exchanged at first. Defaults to 0.3, or 0.5 for "granet".
        scope: How the sparsity is spread, see ``Masks.from_sparsity``. Defaults to "erk" for "set" and
            "rigl", to "global" for the others.
        data: (x, y) or (x, y, sample_weight), training examples, for "rigl" and "granet"; or a data set of
            such batches, with or without an end, from which each exchange takes the next 128 examples.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all kernels and embeddings.
        exclude: Do not prune these; same forms as ``layers``.
        seed: Random seed for the weights and examples that are drawn.
        log_dir: Folder for TensorBoard, as in ``GradualPruning``.

    Attributes:
        pruned: [(step, sparsity reached)], as in ``GradualPruning``.
        regrown: [(step, number of weights that came back)] of the last training, where any did.

    Raises:
        ValueError: If the method or scope is unknown, the share is outside 0 to 1, data are missing, or as
            ``GradualPruning`` does.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> sparse = pw.SparseTraining(0.9, "rigl", frequency=40, data=(x[:1_280], y[:1_280]))
        >>> history = model.fit(x[:1_280], y[:1_280], epochs=4, verbose=0, callbacks=[sparse])
        >>> pw.LiveModel(model).applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> [step for step, number in sparse.regrown]
        [40, 80]

    Source: "set": Mocanu et al., "Scalable training of artificial neural networks with adaptive sparse
        connectivity inspired by network science" (2018); "rigl": Evci et al., "Rigging the lottery: making
        all tickets winners" (2020), algorithm 1; "granet": Liu et al., "Sparse training via boosting pruning
        plasticity with neuroregeneration" (2021), algorithm 1; "acdc": Peste et al., "AC/DC: alternating
        compressed/decompressed training of deep neural networks" (2021), algorithm 1.
    """

    _done_at_once = ()

    def __init__(
        self,
        sparsity: Sparsity,
        method: str = "rigl",
        begin: int | None = None,
        end: int | None = None,
        frequency: int = 100,
        share: float | None = None,
        scope: str | None = None,
        data: Data | None = None,
        layers: Layers = None,
        exclude: Layers = None,
        seed: int = 0,
        log_dir: str | None = None,
    ) -> None:
        """Check what can be checked without a model."""
        if method not in tuple(METHODS):
            raise ValueError(f"method {method!r} is not known; choose one of {', '.join(METHODS)}.")
        if callable(sparsity):
            raise ValueError(f"sparsity is a function; {method!r} has its own schedule: give a number.")
        chosen = METHODS[method]
        # Dense first: an untrained layer may have the smallest weights of all, and would lose every one.
        self._dense_phase = 0 if begin is None else 1
        share = chosen.share if share is None else share
        if not (isinstance(share, int | float) and 0 <= share <= 1):
            raise ValueError(f"share is {share!r}; it is the part of the kept weights to exchange, 0 to 1.")
        if chosen.back == "gradient" and data is None:
            raise ValueError(
                f"method {method!r} chooses the weights that come back by their gradients on examples: pass "
                "data=(x, y), training examples."
            )
        super().__init__(
            sparsity,
            chosen.schedule,
            begin or 0,
            end,
            frequency,
            scope=chosen.scope if scope is None else scope,
            layers=layers,
            exclude=exclude,
            seed=seed,
            log_dir=log_dir,
        )
        Masks.from_sparsity({}, 0.0, chosen.scope if scope is None else scope)  # an unknown scope, now
        self._back, self._exchanged, self._seed = chosen.back, share, seed
        self._drawn_from = parts_of(data) if chosen.back == "gradient" else None
        self.regrown: list[tuple[int, int]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Find the weights and set up the schedule."""
        super().on_train_begin(logs)
        self.regrown = []
        if self._drawn_from is not None:
            x, y, weights = self._drawn_from
            self._data = LossData(self.model, x, y, _EXAMPLES, weights, endless=True)

    def _settled(self) -> tuple[Callable[[int], Any], int | None]:
        schedule, end = super()._settled()
        if self._back != "all":
            return schedule, end

        def alternating(step: int) -> Any:
            phase = (step - self._begin) // self._frequency % 2
            dense = end is not None and step < end and phase == self._dense_phase
            sparsity = schedule(step)
            if isinstance(sparsity, Mapping):
                return {name: 0.0 if dense else share for name, share in sparsity.items()}
            return 0.0 if dense else sparsity

        return alternating, end

    def _prune(self, sparsity: Sparsity, resumed: bool = False) -> None:
        before = self._kept()
        super()._prune(sparsity, resumed)
        after = self._kept()
        grown = {name: after[name] & ~kept for name, kept in before.items()}
        number = sum(int(np.count_nonzero(places)) for places in grown.values())
        if number:
            self.regrown.append((self._step, number))
            with self._live.lock:
                named = named_variables(self.model)
                forget_momentum(self.model, [(named[name], places) for name, places in grown.items()])

    def _choose(self, weights: Mapping[str, np.ndarray], sparsity: Sparsity, resumed: bool) -> Masks:
        if self._back == "all":
            return self._mask(self._score(self._live, weights), sparsity)
        masks = super()._choose(weights, sparsity, resumed)
        share = self._share_now()
        if resumed or share == 0 or not self.pruned:
            return masks
        return Masks(dict(self._exchange(weights, masks, share)), masks.threshold)

    def _share_now(self) -> float:
        """Return which share of the kept weights is exchanged at this step."""
        length = (self._last or 0) - self._begin
        done = min((self._step - self._begin) / length, 1.0) if length > 0 else 1.0
        return 0.0 if done == 1 else self._exchanged / 2 * (1 + cos(pi * done))

    def _exchange(
        self, weights: Mapping[str, np.ndarray], masks: Masks, share: float
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (name, mask) of each layer with a share of its kept weights exchanged for others."""
        rng = np.random.default_rng([self._seed, self._step])
        wanted = self._gradients(weights) if self._back == "gradient" else {}
        for name, kept in masks.items():
            mask = kept.copy()
            flat, size = mask.reshape(-1), np.abs(weights[name]).ravel()
            # No more than there are to come back, or the sparsity would rise.
            number = min(round(share * int(flat.sum())), flat.size - int(flat.sum()))
            inside = np.flatnonzero(flat)
            flat[inside[np.argsort(size[inside], kind="stable")[:number]]] = False
            outside = np.flatnonzero(~flat)
            if name in wanted:
                order = np.argsort(-wanted[name].ravel()[outside], kind="stable")
            else:
                order = rng.permutation(outside.size)
            flat[outside[order[:number]]] = True
            yield name, mask

    def _gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return |∂L/∂w| of all weights, removed ones included, on some of the data, in training mode."""
        gradients = Gradients(self._live, weights, self._data)
        batch = self._data.draw([self._seed, self._step])
        step = gradients.at(gradients.values, batch, list(gradients.places.values()), True)
        return {
            name: np.abs(np.asarray(slope, np.float32))
            for name, slope in zip(gradients.names, step.slopes, strict=True)
        }


def forget_momentum(model: keras.Model, grown: Iterable[tuple[keras.Variable, np.ndarray]]) -> None:
    """Set to zero what the optimizer remembers of some weights, such as momentum.

    Args:
        model: The model.
        grown: (variable, True at those weights).
    """
    for optimizer in optimizers(getattr(model, "optimizer", None)):
        trained = list(getattr(optimizer, "_trainable_variables", ()))
        averages = getattr(optimizer, "_model_variables_moving_average", None)
        # Keras has no public way from a variable to its slots; their lists are parallel to the variables'.
        slots = [
            values
            for values in vars(optimizer).values()
            if isinstance(values, list) and len(values) == len(trained) and values is not averages
        ]
        for variable, places in grown:
            number = next((n for n, own in enumerate(trained) if own is variable), None)
            for slot in [values[number] for values in slots] if number is not None else ():
                if slot is not variable and getattr(slot, "shape", None) == variable.shape:
                    slot.assign(tf.where(places, tf.zeros((), slot.dtype), slot.value))
