"""PruningLab: a live Keras model joined to the views. The one place where a model meets a widget."""

from typing import Any

from .criteria import score
from .masks import Masks
from .measuring import MeasuringLab
from .models.curves import as_live
from .models.examples import Examples
from .models.live import Metric
from .widgets.cells import after_each_cell


class PruningLab(MeasuringLab):
    """Drag the threshold and read the accuracy that your own model has without the weights below it.

    Looking never changes the model: each accuracy is measured on a masked copy, in the background. `apply`
    prunes the model itself and holds the zeros through training; `restore` brings every bit back.

    Attributes:
        threshold: τ; set it and the lab follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel that measures and prunes.
        error: what went wrong last, "" for nothing; also shown in the lab.
    """

    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any,
        metric: Metric | None = None,
        data: str = "examples",
        threshold: float = 0.0,
    ) -> None:
        """Open a lab.

        Args:
            model: a built Keras 3 model, or a LiveModel that chose its own prunable weights.
            x: inputs to measure on, one row per example; a list or dict of arrays for several inputs.
            y: their labels, integers or one-hot.
            metric: ``metric(y, predictions) -> float`` from 0 to 1 for anything but accuracy.
            data: what the examples are, for the reader, such as "test digits".
            threshold: τ to start with.

        Raises:
            TypeError: not a Keras 3 model.
            ValueError: a model that is not built or has nothing to prune, NaN weights, x and y of different
                length.
        """
        live, examples = as_live(model), Examples(x, y, metric)
        score(live.weights)  # what cannot be ranked is refused before there is a widget
        super().__init__(live, examples)
        self.title, self.data = live.model.name, data
        self.refresh()
        self.threshold = threshold
        self.on_msg(self._button_pressed)
        live.watch(self._model_changed)
        after_each_cell(self._cell_has_run)

    @property
    def masks(self) -> Masks:
        """The masks that the lab shows now; True = kept."""
        self._follow()
        return self._masks()

    def apply(self) -> None:
        """Set the removed weights to zero in the model and hold them there through `fit`."""
        self.live.apply(self.masks)

    def restore(self) -> None:
        """Bring every bit of the model back as it was before the first apply."""
        self.live.restore()

    # What others do: the page, the model's owner.

    def _button_pressed(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("do") in ("measure_curve", "apply", "restore", "cancel"):
            self._guarded("button", getattr(self, content["do"]))

    def _model_changed(self) -> None:
        """After apply or restore, from this lab, another one, or `pw.prune`."""
        if not self._closed:
            self._guarded("model", self.refresh)

    def _cell_has_run(self) -> bool:
        """The cell may have trained the model."""
        if not self._closed:
            self._guarded("model", self._follow)
        return not self._closed
