"""PruningLab: a live Keras model connected to the views."""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import traitlets as t

from ..core.criteria import score
from ..core.masks import Masks
from ..core.measures import ACCURACY, shown
from ..deprecation import former_arguments
from ..models.live.live_model import as_live
from ..models.live.snapshot import Snapshot
from ..models.live.streamed_examples import examples_of
from ..models.measuring.accuracy import Accuracy
from ..models.measuring.metric import Metric, chosen_metric
from ..widgets.cells import after_each_cell
from ..widgets.lab_view import LabView
from . import flips
from .accuracy_measurement import AccuracyMeasurement
from .background import MEASURING, BackgroundWork, show_errors
from .curve_measurement import CURVE, CurveMeasurement
from .handwriting import FINDING, READING, Handwriting, takes_drawings
from .memory import check_memory
from .request import Request
from .training import TRAINING, Training


class PruningLab(LabView):
    """A lab that shows the accuracy of your own model without the weights below a threshold.

    Dragging the threshold never changes the model: each accuracy is measured on masked weights, in the
    background. `apply` prunes the model itself and holds the zeros through training; `restore` brings every
    bit back.

    Attributes:
        threshold: τ; set it and the lab follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel that measures and prunes.
        data_name: what the lab calls the examples; set it and the lab follows.
        memory: about how many bytes the lab needs in addition to the model, without `fit` and activations.
        history: history of the last `fit`: {metric: [value of each epoch]}.
        error: the last error, "" for none; also shown in the lab.

    Example:
        >>> _, (x, y) = pw.datasets.mnist()
        >>> lab = pw.PruningLab(pw.models.pretrained("lenet_300_100"), x, y)
        >>> lab  # the last line of a cell shows it
        PruningLab(threshold=0, sparsity=0.00 %)
        >>> lab.sparsity = 0.9
        >>> round(lab.accuracy, 2)
        0.93
        >>> lab.apply()  # from here on the model itself is pruned; lab.restore() undoes it
        >>> lab.live.applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)
    """

    @former_arguments(data="data_name")
    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any = None,
        metric: Metric | None = None,
        data_name: str = "examples",
        threshold: float = 0.0,
        memory_limit: float = 4e9,
        layers: Any = None,
        exclude: Any = None,
        sample_weight: Any = None,
        direction: str | None = None,
        steps: int | None = None,
    ) -> None:
        """Open a lab.

        Args:
            model: a built Keras 3 model, or a LiveModel with its own choice of prunable weights.
            x: inputs, or a data set of batches such as a `tf.data.Dataset`; see `LiveModel.evaluate`.
            y: their labels, integers or one-hot; left out where x is a data set.
            metric: see `LiveModel.evaluate`: such as "mae", "loss", a `keras.metrics.Metric`, or
                ``metric(y, predictions) -> float``. Defaults to accuracy.
            data_name: what to call the examples in the lab, such as "test digits".
            threshold: initial τ.
            memory_limit: bytes that the lab may need in addition to the model; `memory` is what it needs.
            layers: show and prune only these: names of layers or weights, classes, expressions or a
                function, see `LiveModel`.
            exclude: exclude these; same kinds of values as `layers`.
            sample_weight: one weight per example or per prediction.
            direction: "max" if higher values of the metric are better, "min" if lower ones are. Defaults to
                what Keras or the metric's name says.
            steps: number of batches to read of a data set; needed if it has no end.

        Raises:
            TypeError: not a Keras 3 model, a memory_limit that is not a number, a data_name that is not text.
            ValueError: a model that is not built or has nothing to prune, NaN weights, x and y of different
                lengths, a model too large for the limit.
        """
        if not isinstance(data_name, str):  # formerly data=, which elsewhere is (x, y)
            raise TypeError(f"data_name has to be text, such as 'digits', not {type(data_name).__name__}.")
        live = as_live(model, layers, exclude)
        chosen = chosen_metric(metric, live.model, direction)
        examples = examples_of(live, x, y, chosen, sample_weight, steps)
        snapshot = live.snapshot()
        memory = check_memory(live.model.name, snapshot.weights, examples.kept_bytes, memory_limit)
        scores = score(snapshot.weights)  # first, so that an error leaves no widget behind
        self.live = live
        self.history: dict[str, Any] = {}
        self._background = BackgroundWork(self, TRAINING, FINDING, MEASURING, CURVE, READING)
        self._training = Training(self, self._background)
        self._accuracy = AccuracyMeasurement(self, live, examples, self._background)
        self._curve = CurveMeasurement(self, live, examples, self._background)
        self._handwriting = Handwriting(self, live, examples, self._background)
        self._snapshot: Snapshot  # the model's variables when they were last read
        self._incomplete = False  # an interrupt came while something was changing
        self._show_lock = threading.RLock()  # one thread at a time puts weights into the view
        can_flip = flips.can_flip(live.model, examples)
        super().__init__(takes_drawings=takes_drawings(live, examples), can_flip=can_flip)
        self.examples, self.image_shape = examples.n, flips.image_shape(examples.x)
        self.title, self.data, self.memory = live.model.name, data_name, memory
        self.measure = shown(ACCURACY if chosen is None else chosen.measure)
        self._show_snapshot(snapshot, scores)
        self.threshold = threshold
        live.watch(self._model_changed)
        after_each_cell(self._cell_has_run)

    @property
    def masks(self) -> Masks:
        """The masks of the current thresholds; True = kept."""
        self._follow_model()
        return Masks.from_threshold(self._scores, self._thresholds_for_masks())

    @property
    def accuracy(self) -> Accuracy | float:
        """The accuracy with these masks on all examples; waits until it is measured and is never stale.

        Raises:
            RuntimeError: it could not be measured; the message says why.
        """
        if self._background.is_inside(MEASURING):
            raise RuntimeError("This runs inside a measurement and cannot wait for it; read lab.measured.")
        self._training.wait()
        self._follow_model()
        if not self._accuracy.is_known_or_coming(self._request()):
            self._measure_again()
        self._background.wait_for(MEASURING)
        value = self._accuracy.answer(self._request())
        if value is None:
            ended = "This lab is closed." if self._closed else "The measurement was cancelled; ask again."
            raise RuntimeError(self._errors.get(MEASURING) or ended)
        return value

    @property
    def curve(self) -> pd.DataFrame:
        """All points of `measure_curve` for the current weights; columns as in `pw.accuracy_curve`."""
        return self._curve.frame

    def measure_curve(self) -> None:
        """Measure the accuracy at twelve sparsities in the background; points appear as they are measured."""
        self._follow_model()
        self._curve.start(self.criterion, self.scope)

    def apply(self) -> None:
        """Set the removed weights to zero in the model and hold them there through `fit`."""
        criterion, thresholds = self.criterion, self._thresholds_for_masks()
        self.live.apply_chosen(lambda weights: Masks.from_threshold(score(weights, criterion), thresholds))

    def restore(self) -> None:
        """Restore every bit of the model as it was before the first apply."""
        self.live.restore()

    def fit(self, *data: Any, **options: Any) -> None:
        """Train the model in the background with ``model.fit``; the cell ends at once, and the views follow.

        You can drag, prune and restore meanwhile. Cancel stops after the current batch; ``wait()`` waits for
        the end.

        Args:
            *data: inputs and labels to train on, as for ``model.fit``.
            **options: options of ``model.fit``, such as ``epochs`` and ``batch_size``.

        Raises:
            RuntimeError: this lab, or another one on this model, is already training.
        """
        self._training.start(data, options)

    def refresh(self, measure: bool = True) -> None:
        """Read the weights and measure again, as after apply, restore and each cell; drop an earlier curve.

        Args:
            measure: if False, show only the weights; the accuracy stays marked as stale.
        """
        snapshot = self.live.snapshot()
        self._show_snapshot(snapshot, score(snapshot.weights, self.criterion), measure)

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Show a model while it trains, see `pw.FollowTraining`; measure it if `settled`."""
        if not self._closed:
            show_errors(self, "model", partial(self.refresh, settled))

    def cancel(self) -> None:
        """Stop training (after the current batch) and measuring; finished results are kept."""
        self._background.cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until training and measuring are done; return False if that takes over `timeout` seconds."""
        return self._background.wait(timeout)

    def _show_snapshot(
        self, snapshot: Snapshot, scores: Mapping[str, np.ndarray], measure: bool = True
    ) -> None:
        with self._show_lock:
            try:
                self._background.drop(MEASURING, CURVE, FINDING)
                self._snapshot = snapshot
                self._show(snapshot.weights, scores)
                applied = self.live.applied
                if applied is None:
                    self._accuracy.forget_unpruned()
                self._curve.clear()
                self.applied, self.restorable = applied.removed if applied else 0, applied is not None
                if measure:
                    self._measure_again()
            except BaseException:
                self._incomplete = True
                raise

    def _follow_model(self) -> None:
        """Refresh if the model's weights differ from those shown, or if an interrupt left work undone."""
        if self._training.is_elsewhere:  # it shows the weights itself
            return
        if self._incomplete:
            self._incomplete = False
            if self._ranked.criterion != self.criterion:
                self._criterion_chosen({"old": self._ranked.criterion})
            self.refresh()
        elif not self.live.snapshot().same(self._snapshot):
            self.refresh()

    def _request(self) -> Request:
        """Return what is to be measured now."""
        thresholds = [self.threshold_of(name) for name in self._scores]
        belongs = {
            "generation": self.generation,
            "criterion": self.criterion,
            "counts": self.removed_per_layer(),
            "thresholds": thresholds,
        }
        return Request(self._snapshot, self._ranked, tuple(thresholds), belongs)

    @t.observe("threshold", "thresholds", "scope")
    def _measure_again(self, change: dict[str, Any] | None = None) -> None:
        """Measure the current masks; drop a measurement of other masks."""
        if self._scores and not self._closed:
            make_masks = partial(Masks.from_threshold, self._scores, self._thresholds_for_masks())
            self._accuracy.request(request := self._request(), make_masks)
            self._handwriting.request(request)

    @t.observe("criterion")
    def _criterion_chosen(self, change: dict[str, Any]) -> None:
        if not self._scores:
            return
        weights = self._snapshot.weights
        try:
            scores = score(weights, self.criterion)
        except ValueError as error:  # such as infinite squares
            self.criterion = change["old"]
            self._report("criterion", str(error))
            return
        self._report("criterion", "")
        with self._show_lock:
            self._show_other_scores(weights, scores)
            self._measure_again()

    def _interrupted(self) -> None:
        if self._sent is not self._ranked or self._ranked.criterion != self.criterion:
            self._incomplete = True  # takes long: done when a result is read, or after the cell
        super()._interrupted()
        self._measure_again()

    def _handle_custom_msg(self, content: dict[str, Any], buffers: Any) -> None:
        """Handle a pressed button; a callback given to `on_msg` would keep a closed lab in memory."""
        super()._handle_custom_msg(content, buffers)
        if content.get("do") in ("measure_curve", "apply", "restore", "cancel"):
            show_errors(self, "button", getattr(self, content["do"]))
        elif content.get("do") == "find_misread":
            show_errors(self, "button", self._handwriting.find)

    def _model_changed(self) -> None:
        """Refresh after apply or restore in this lab, in another one, or by `pw.prune`."""
        if not self._closed and not self._training.is_elsewhere:
            show_errors(self, "model", self.refresh)

    def _cell_has_run(self) -> None:
        """Refresh if the cell has trained the model."""
        if not self._closed:
            show_errors(self, "model", self._follow_model)
