"""GradualPruning: a Keras callback that makes a model sparser while ``fit`` trains it."""

import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np

from ...core.arrays import by_weight, is_whole
from ...core.masks import Masks
from ...core.schedules import SCHEDULES, Schedule, named_schedule
from ...core.thresholds import checked_sparsity
from ...deprecation import former_arguments
from ..holding.state import hold_again
from ..layers.weights import Layers
from ..live.live_model import LiveModel
from ..pruning.data_criteria import read_again, removed_first, scores_of
from ..pruning.loss_data import Data
from .events import EventFile

_SHARE_OF_TRAINING = 0.75
"""The share of training after which pruning ends by default; the rest is for recovery."""


class GradualPruning(keras.callbacks.Callback):
    """A Keras callback that prunes a model by a schedule while it trains; removed weights stay zero.

    Steps are counted over the whole training, including ``initial_epoch`` and what ``BackupAndRestore``
    resumes (when resuming on data of unknown length, as the optimizer counts them, which is one more per
    epoch). Put this callback last, so that it sees what the others restore. A weight that was removed once is
    removed first in every later pruning. ``LiveModel(model).restore()`` brings the model back as it was
    before the training began.

    Args:
        sparsity: The final sparsity, 0 to 1; or {name of a layer or weight: its final sparsity}, which leaves
            the others unpruned; or a custom schedule, a function from step to sparsity.
        schedule: "polynomial" (cubic, the default), "iterative" (a fifth of the survivors per round),
            "one_shot" or "constant", see ``prunewidgets.schedules``.
        begin: Step of the first pruning. Defaults to 0.
        end: Step of the last pruning. Defaults to three quarters of the planned steps, or to all of
            them for a custom schedule. "one_shot" and "constant" always end at ``begin``.
        frequency: Number of steps between two prunings; the last is at the end. Defaults to 100.
        criterion: As for ``pw.score``, or one that needs data. Defaults to "magnitude".
        scope: "global" (the default), "layer", "output" or "erk", see ``Masks.from_sparsity``.
        granularity: What is removed together. Defaults to "weight".
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all kernels and embeddings.
        seed: Random seed for criterion "random".
        data: (x, y) or (x, y, sample_weight), training examples, for a criterion that needs data; or a data
            set of such batches with an end, as for ``data_score``.
        log_dir: Folder for TensorBoard, which gets sparsity and the distribution of the kept weights after
            each epoch. Defaults to None, no files.
        exclude: Do not prune these; same forms as ``layers``.

    Attributes:
        pruned: [(step, sparsity reached)] of the last training: its first pruning, and each that changed the
            sparsity.

    Raises:
        ValueError: If a sparsity is outside 0 to 1, the schedule is unknown, or the steps are out of order or
            range. When ``fit`` begins, also if ``end`` is after the end of training, or the model does
            not have the layers.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> gradual = pw.GradualPruning(0.9, frequency=10)
        >>> history = model.fit(x[:1_280], y[:1_280], epochs=2, verbose=0, callbacks=[gradual])
        >>> [(step, round(sparsity, 2)) for step, sparsity in gradual.pruned]
        [(0, 0.0), (10, 0.38), (20, 0.63), (30, 0.79), (40, 0.87), (50, 0.9), (60, 0.9)]
        >>> pw.LiveModel(model).applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)

    Source: Zhu and Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model
        compression" (2017), section 3.
    """

    _done_at_once: tuple[str, ...] = ("one_shot", "constant")  # schedules that end where they begin

    @former_arguments(begin_step="begin", end_step="end")
    def __init__(
        self,
        sparsity: float | Mapping[str, float] | Schedule,
        schedule: str = "polynomial",
        begin: int = 0,
        end: int | None = None,
        frequency: int = 100,
        criterion: Any = "magnitude",
        scope: str = "global",
        granularity: str = "weight",
        layers: Layers = None,
        seed: int = 0,
        data: Data | None = None,
        log_dir: str | None = None,
        exclude: Layers = None,
    ) -> None:
        """Check what can be checked without a model."""
        super().__init__()
        if not callable(sparsity):
            for share in sparsity.values() if isinstance(sparsity, Mapping) else [sparsity]:
                checked_sparsity(share)
        if schedule not in SCHEDULES:
            raise ValueError(f"schedule {schedule!r} is not known; choose one of {', '.join(SCHEDULES)}.")
        last = begin if end is None else end
        if not (is_whole(begin, 0, sys.maxsize) and is_whole(last, begin, sys.maxsize)):
            raise ValueError(
                f"begin is {begin!r} and end is {end!r}; give whole numbers of steps, 0 <= begin <= end."
            )
        if not is_whole(frequency, 1, sys.maxsize):
            raise ValueError(
                f"frequency is {frequency!r}; it counts steps, so give a whole number, 1 or more."
            )
        self._sparsity, self._schedule_name = sparsity, schedule
        self._begin, self._end, self._frequency = begin, end, frequency
        self._layers, self._exclude = layers, exclude
        self._criterion, self._scored_on = criterion, data
        self._score = partial(scores_of, criterion=criterion, seed=seed)
        self._mask = partial(Masks.from_sparsity, scope=scope, granularity=granularity)
        self._log_dir = log_dir
        self.pruned: list[tuple[int, float]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Find the weights and set up the schedule; nothing is pruned before the first step."""
        self._live = LiveModel(self.model, self._layers, self._exclude)
        self._examples = read_again(self.model, self._criterion, self._scored_on)
        self._schedule, self._last = self._settled()
        self._step, self._started, self.pruned = 0, False, []
        self._events = None if self._log_dir is None else EventFile(self._log_dir)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the step count, whatever epoch the training begins or resumes with."""
        if self.params["steps"]:
            self._step = epoch * self.params["steps"]
        elif not self._started and epoch > 0:  # a generator of unknown length
            self._step = int(self.model.optimizer.iterations)
        self._first_of_epoch = self._step

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Prune if a pruning is due."""
        self._step = self._first_of_epoch + batch
        if not self._started:
            self._start()
        if self._step >= self._next:
            self._prune(self._schedule(self._step))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count the step, as no other batch begins before the end of training."""
        self._step = self._first_of_epoch + batch + 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the sparsity to the history and to the files for TensorBoard."""
        if logs is not None:
            logs["sparsity"] = self._kept().sparsity
        if self._events is not None:
            self._write_events(self._events, epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Do the last pruning if it is due, and zero removed weights that earlier callbacks restored."""
        due = self._begin if self._last is None else self._next  # without a planned last step, this is it
        if self._started and due <= self._step:
            self._prune(self._schedule(self._step))
        hold_again(self.model)
        if self._events is not None:
            self._events.close()
        if self._last is not None and self._step < self._last:
            reached, wanted = self._kept().sparsity, self._share(self._schedule(self._last))
            if reached < wanted:
                warnings.warn(
                    f"Training ended after {self._step:,} steps, before end={self._last:,}: the "
                    f"sparsity is {reached:.2%}, not {wanted:.2%}.",
                    stacklevel=2,
                )

    def _settled(self) -> tuple[Callable[[int], float | dict[str, float]], int | None]:
        """Return the function from step to sparsity, and the step after which it is constant, if known."""
        begin, end, own = self._begin, self._end, callable(self._sparsity)
        planned = self.params["epochs"] * self.params["steps"] if self.params["steps"] else None
        if self._schedule_name in self._done_at_once and not own:
            end = begin
        elif end is None and planned is not None:
            end = max(begin, planned if own else int(_SHARE_OF_TRAINING * planned))
        elif end is None and not own:
            raise ValueError("fit does not know how many steps there are; give GradualPruning end=.")
        if planned is not None and end > planned:
            raise ValueError(
                f"Pruning is to end at step {end:,}, but fit plans {planned:,} steps: lower begin= or "
                "end=, or train for more epochs."
            )
        if callable(self._sparsity):
            return self._sparsity, end
        assert end is not None  # otherwise refused above
        if not isinstance(self._sparsity, Mapping):
            return named_schedule(self._schedule_name, self._sparsity, begin, end), end
        finals = by_weight(self._sparsity, self._live.names, "sparsity")
        each = {
            name: named_schedule(self._schedule_name, final, begin, end) for name, final in finals.items()
        }
        return lambda step: {name: schedule(step) for name, schedule in each.items()}, end

    def _start(self) -> None:
        """Hold what is already removed from the first step on, so that the step is compiled only once.

        This cannot be done in ``on_train_begin``: ``BackupAndRestore`` may load weights there after this
        callback, and the state before the first pruning has to be saved after that.
        """
        self._started = True
        self._next: float = self._begin
        if self._step > self._begin:  # resumed: zeros are the weights removed before
            rounds = (self._step - self._begin) // self._frequency
            before = self._begin + rounds * self._frequency
            if self._last is not None and self._step >= self._last:
                before = self._last
            held = set(self._live.names) & set(self._live.applied or ())
            self._prune(self._schedule(before), resumed=not held)  # in a new process nothing is held
        elif self._live.applied is None:
            self._live.apply({})

    def _share(self, sparsity: float | Mapping[str, float]) -> float:
        """Return the overall sparsity that sparsities of single weights amount to."""
        if not isinstance(sparsity, Mapping):
            return sparsity
        sizes = {name: array.size for name, array in self._live.snapshot().weights.items()}
        return sum(share * sizes[name] for name, share in sparsity.items()) / sum(sizes.values())

    def _prune(self, sparsity: float | Mapping[str, float], resumed: bool = False) -> None:
        """Prune to a sparsity and hold it; weights removed before go first, so that none comes back."""
        masks = self._live.apply_chosen(partial(self._choose, sparsity=sparsity, resumed=resumed))
        if not self.pruned or self.pruned[-1][1] != masks.sparsity:
            self.pruned.append((self._step, masks.sparsity))
        rounds = (self._step - self._begin) // self._frequency + 1
        self._next = self._begin + rounds * self._frequency
        if self._last is not None:
            self._next = min(self._next, self._last) if self._step < self._last else np.inf

    def _choose(
        self, weights: Mapping[str, np.ndarray], sparsity: float | Mapping[str, float], resumed: bool
    ) -> Masks:
        before = Masks.from_zeros(weights) if resumed else self._kept()
        masks = self._mask(
            removed_first(self._score(self._live, weights, data=self._examples), before), sparsity
        )
        # Never fewer than before, except after resuming: some zeros of a loaded model may be chance.
        return masks if resumed or masks.removed >= before.removed else before

    def _kept(self) -> Masks:
        """Return the present masks of the chosen weights; all True where nothing is removed."""
        applied: Mapping[str, np.ndarray] = self._live.applied or {}
        return Masks(
            {
                name: applied.get(name, np.ones(array.shape, bool))
                for name, array in self._live.snapshot().weights.items()
            }
        )

    def _write_events(self, events: EventFile, epoch: int) -> None:
        kept = self._kept()
        events.scalar("sparsity/all", kept.sparsity, epoch)
        for name, array in self._live.snapshot().weights.items():
            events.scalar(f"sparsity/{name}", 1 - kept[name].mean(), epoch)
            events.histogram(f"kept/{name}", array[kept[name]], epoch)
