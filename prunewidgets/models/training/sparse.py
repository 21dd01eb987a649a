"""SparseTraining: a Keras callback that moves the zeros of a sparse model while ``fit`` trains it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import cos, pi
from typing import Any, NamedTuple

import numpy as np

from ...core.criteria import score
from ...core.exchange import exchanged
from ...core.layouts import KERAS
from ...core.masks import Masks
from ...core.patterns import checked_pair, group_places, n_of_m
from ..layers.weights import Layers, named_variables
from ..pruning.data_criteria import removed_first
from ..pruning.gradients import Gradients
from ..pruning.loss_data import Data, LossData, parts_of
from .gradual import GradualPruning
from .momentum import forget_momentum

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

    With ``n_of_m`` the pattern of ``pw.patterns.n_of_m`` is kept, exactly, after each exchange and in each
    sparse phase: those that come back are of the same groups as those that leave.

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
        n_of_m: (n, m) instead of ``sparsity``: keep n of every m consecutive weights along the inputs of each
            output, ⌈n·r/m⌉ of r that are left over; for "set", "rigl" and "acdc".

    Attributes:
        pruned: [(step, sparsity reached)], as in ``GradualPruning``.
        regrown: [(step, number of weights that came back)] of the last training, where any did.

    Raises:
        ValueError: If the method or scope is unknown, the share is outside 0 to 1, data are missing, neither
            or both of ``sparsity`` and ``n_of_m`` are given, or as ``GradualPruning`` does. When ``fit``
            begins, also if a weight has no axis of inputs to be grouped along.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> sparse = pw.SparseTraining(0.9, "rigl", frequency=40, data=(x[:1_280], y[:1_280]))
        >>> history = model.fit(x[:1_280], y[:1_280], epochs=4, verbose=0, callbacks=[sparse])
        >>> pw.LiveModel(model).applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> [step for step, number in sparse.regrown]
        [40, 80]
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> sparse = pw.SparseTraining(method="set", n_of_m=(2, 4), frequency=2)
        >>> history = model.fit(x[:1_280], y[:1_280], verbose=0, callbacks=[sparse])
        >>> pw.LiveModel(model).applied["dense_3/kernel"][:8, 0].reshape(2, 4).sum(axis=1).tolist()
        [2, 2]

    Source: "set": Mocanu et al., "Scalable training of artificial neural networks with adaptive sparse
        connectivity inspired by network science" (2018); "rigl": Evci et al., "Rigging the lottery: making
        all tickets winners" (2020), algorithm 1; "granet": Liu et al., "Sparse training via boosting pruning
        plasticity with neuroregeneration" (2021), algorithm 1; "acdc": Peste et al., "AC/DC: alternating
        compressed/decompressed training of deep neural networks" (2021), algorithm 1.
    """

    _done_at_once = ()

    def __init__(
        self,
        sparsity: Sparsity | None = None,
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
        n_of_m: tuple[int, int] | None = None,
    ) -> None:
        """Check what can be checked without a model."""
        if method not in tuple(METHODS):
            raise ValueError(f"method {method!r} is not known; choose one of {', '.join(METHODS)}.")
        if callable(sparsity):
            raise ValueError(f"sparsity is a function; {method!r} has its own schedule: give a number.")
        if (sparsity is None) == (n_of_m is None):
            raise ValueError("Give sparsity= or n_of_m=, one of them.")
        chosen = METHODS[method]
        self._pattern = None if n_of_m is None else checked_pair(n_of_m)
        if self._pattern is not None and (chosen.schedule != "constant" or scope is not None):
            raise ValueError(
                "n_of_m keeps the same share of every group from the first sparse step on: choose 'set', "
                "'rigl' or 'acdc', and give no scope=."
            )
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
            0.0 if sparsity is None else sparsity,
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
        if self._pattern is not None:
            self._mask = partial(_pattern_masks, pattern=self._pattern)
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
        if self._pattern is not None:  # about 1 − n ÷ m: what is left over keeps more
            weights = self._live.snapshot().weights
            self._sparsity = n_of_m(score(weights), *self._pattern).sparsity
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
        if self._pattern is None:
            masks = super()._choose(weights, sparsity, resumed)
        else:  # also where more was removed before
            before = Masks.from_zeros(weights) if resumed else self._kept()
            masks = self._mask(removed_first(self._score(self._live, weights), before), sparsity)
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
        gradients = self._gradients(weights) if self._back == "gradient" else {}
        for name, kept in masks.items():
            wanted = gradients[name] if gradients else rng.permutation(kept.size).reshape(kept.shape)
            group = None if self._pattern is None else self._groups(name, kept.shape)
            yield name, exchanged(kept, np.abs(weights[name]), wanted, share, group)

    def _groups(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return the number of the group of each weight of a layer."""
        assert self._pattern is not None  # there are groups only with one
        whole, rest = group_places(shape, self._live.layouts.get(name, KERAS), self._pattern[1])
        numbers = np.empty(whole.size + rest.size, np.intp)
        numbers[whole] = np.arange(len(whole))[:, np.newaxis]
        numbers[rest] = np.arange(len(whole), len(whole) + len(rest))[:, np.newaxis]
        return numbers.reshape(shape)

    def _gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return |∂L/∂w| of all weights, removed ones included, on some of the data, in training mode."""
        gradients = Gradients(self._live, weights, self._data)
        batch = self._data.draw([self._seed, self._step])
        step = gradients.at(gradients.values, batch, list(gradients.places.values()), True)
        return {
            name: np.abs(np.asarray(slope, np.float32))
            for name, slope in zip(gradients.names, step.slopes, strict=True)
        }


def _pattern_masks(scores: Mapping[str, np.ndarray], sparsity: Sparsity, pattern: tuple[int, int]) -> Masks:
    """Return masks of a pattern; of all weights for a sparsity of 0, as in a dense phase."""
    if sparsity == 0:
        return Masks({name: np.ones(array.shape, bool) for name, array in scores.items()})
    return n_of_m(scores, *pattern)
