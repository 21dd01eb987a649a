"""PruningLab: a live Keras model connected to the views."""

import functools
import time
from typing import Any

from ..core.criteria import score
from ..core.masks import Masks
from ..models.live.examples import Examples
from ..models.live.inputs import inputs_for
from ..models.live.live_model import as_live
from ..models.live.metric import Metric
from ..models.live.state import state_of
from ..models.live.stateless import recurrent_states
from ..models.training.follow import FollowTraining, Progress
from ..utils.latest_job import LatestJob
from ..widgets.cells import after_each_cell
from .measuring import MeasuringLab, Outdated
from .memory import check_memory


class PruningLab(MeasuringLab):
    """A lab that shows the accuracy of your own model without the weights below a threshold.

    Dragging the threshold never changes the model: each accuracy is measured on masked weights, in the
    background. `apply` prunes the model itself and holds the zeros through training; `restore` brings every
    bit back.

    Attributes:
        threshold: τ; set it and the lab follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel that measures and prunes.
        memory: about how many bytes the lab needs in addition to the model, without `fit` and activations.
        history: history of the last `fit`: {metric: [value of each epoch]}.
        error: the last error, "" for none; also shown in the lab.
    """

    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any,
        metric: Metric | None = None,
        data: str = "examples",
        threshold: float = 0.0,
        memory_limit: float = 4e9,
        layers: Any = None,
        exclude: Any = None,
        sample_weight: Any = None,
    ) -> None:
        """Open a lab.

        Args:
            model: a built Keras 3 model, or a LiveModel with its own choice of prunable weights.
            x: inputs to measure on, one row per example; a list or dict of arrays for several inputs.
            y: their labels, integers or one-hot.
            metric: the name of a Keras metric, a `keras.metrics.Metric`, or
                ``metric(y, predictions) -> float``, with values from 0 to 1. Defaults to accuracy.
            data: what to call the examples in the lab, such as "test digits".
            threshold: initial τ.
            memory_limit: bytes that the lab may need in addition to the model; `memory` is what it needs.
            layers: show and prune only these: names of layers or weights, classes, expressions or a
                function, see `LiveModel`.
            exclude: exclude these; same kinds of values as `layers`.
            sample_weight: one weight per example or per prediction.

        Raises:
            TypeError: not a Keras 3 model, or a memory_limit that is not a number.
            ValueError: a model that is not built or has nothing to prune, NaN weights, x and y of different
                lengths, a model too large for the limit.
        """
        live = as_live(model, layers, exclude)
        in_order = bool(recurrent_states(live.model))  # a prediction depends on the examples before it
        examples = Examples(inputs_for(live.model, x), y, metric, sample_weight, shuffled=not in_order)
        snapshot = live.snapshot()
        memory = check_memory(live.model.name, snapshot.weights, examples.kept_bytes, memory_limit)
        scores = score(snapshot.weights)  # first, so that an error leaves no widget behind
        self._training = LatestJob()
        self.history: dict[str, Any] = {}
        super().__init__(live, examples)
        self.title, self.data, self.memory = live.model.name, data, memory
        self._take(snapshot, scores)
        self.threshold = threshold
        live.watch(self._model_changed)
        after_each_cell(self._cell_has_run)

    @property
    def masks(self) -> Masks:
        """The masks of the current thresholds; True = kept."""
        self._follow()
        return self._masks_now()()

    def apply(self) -> None:
        """Set the removed weights to zero in the model and hold them there through `fit`."""
        criterion, threshold = self.criterion, self._present_threshold()
        self.live.apply_chosen(lambda weights: Masks.from_threshold(score(weights, criterion), threshold))

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
        if self._training.current:
            raise RuntimeError("this lab is training already; lab.wait() waits for it, lab.cancel() ends it.")
        state = state_of(self.live.model)
        if state.trainer not in (None, self._training):
            if state.trainer.current:
                raise RuntimeError(
                    "another lab is training this model already; wait for it or cancel it there."
                )
            state.trainer.wait()  # cancelled: it ends after the current batch
        state.trainer = self._training
        job = functools.partial(self._fit, data, {"verbose": 0, **options})
        self._training.submit(functools.partial(self._guarded, "training", job))

    def cancel(self) -> None:
        """Stop training (after the current batch) and measuring; finished results are kept."""
        self._training.cancel()
        super().cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until training and measuring are done; return False if that takes over `timeout` seconds."""
        start = time.monotonic()
        if not self._training.wait(timeout):
            return False
        return super().wait(None if timeout is None else max(0.0, timeout - (time.monotonic() - start)))

    def close(self) -> None:
        """Stop training and measuring and close the view; the model stays as it is."""
        if self._scores:
            self._training.cancel()
        super().close()

    def _settle(self) -> None:
        self._training.wait()

    @property
    def _moved_elsewhere(self) -> bool:
        """Whether the lab's own training is changing the weights, which it then shows itself."""
        return self._training.current and not self._training.here

    def _follow(self) -> None:
        if not self._moved_elsewhere:
            super()._follow()

    def _fit(self, data: tuple[Any, ...], options: dict[str, Any], outdated: Outdated) -> None:
        callbacks = [*options.pop("callbacks", ()), FollowTraining(self, every=1)]
        try:
            history = self.live.model.fit(
                *data, callbacks=[*callbacks, Progress(self._tell_progress, outdated)], **options
            )
            self.history = history.history
        finally:
            self.working, self.progress = "", 0.0
            self._model_changed()  # also after an error or Cancel in the middle of an epoch

    def _tell_progress(self, done: float, epoch: int, epochs: int) -> None:
        self.progress = done
        self.working = self.words["training"].format(epoch=epoch, epochs=epochs)

    # Reactions to the page and to the user's own changes of the model.

    def _handle_custom_msg(self, content: dict[str, Any], buffers: Any) -> None:
        """Handle a pressed button; a callback given to `on_msg` would keep a closed lab in memory."""
        super()._handle_custom_msg(content, buffers)
        if content.get("do") in ("measure_curve", "apply", "restore", "cancel"):
            self._guarded("button", getattr(self, content["do"]))

    def _model_changed(self) -> None:
        """Refresh after apply or restore in this lab, in another one, or by `pw.prune`."""
        if not self._closed and not self._moved_elsewhere:
            self._guarded("model", self.refresh)

    def _cell_has_run(self) -> None:
        """Refresh if the cell has trained the model."""
        if not self._closed:
            self._guarded("model", self._follow)
