"""Training: a lab's own `fit`, in the background, one at a time for each model."""

import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ..models.training.follow import FollowTraining, Progress
from .background import BackgroundWork

if TYPE_CHECKING:
    from .pruning_lab import PruningLab

TRAINING = "training"
"""The queue of trainings."""

# model -> what trained it last. Two trainings at once would share what Keras keeps in the model: its losses,
# and whether to stop.
_LAST_TRAINED_BY: "weakref.WeakKeyDictionary[Any, Training]" = weakref.WeakKeyDictionary()


class Training:
    """Training of one lab's model in the background; the lab shows the weights as they change."""

    def __init__(self, lab: "PruningLab", background: BackgroundWork) -> None:
        """Start with nothing to train; the lab holds this object."""
        self._lab = cast("PruningLab", weakref.proxy(lab))
        self._background = background

    @property
    def is_running(self) -> bool:
        """Whether the model is being trained, or is about to be."""
        return self._background.is_running(TRAINING)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the model is being trained in a thread other than the caller's."""
        return self.is_running and not self._background.is_inside(TRAINING)

    def wait(self) -> None:
        """Wait for the end of the training."""
        self._background.wait_for(TRAINING)

    def start(self, data: tuple[Any, ...], options: dict[str, Any]) -> None:
        """Train with ``model.fit(*data, **options)``, once a cancelled training has ended.

        Raises:
            RuntimeError: this lab, or another one on this model, is already training.
        """
        if self.is_running:
            raise RuntimeError("this lab is training already; lab.wait() waits for it, lab.cancel() ends it.")
        model = self._lab.live.model
        last = _LAST_TRAINED_BY.get(model)
        if last is not None and last is not self:
            if last.is_running:
                raise RuntimeError(
                    "another lab is training this model already; wait for it or cancel it there."
                )
            last.wait()  # cancelled: it ends after the current batch
        _LAST_TRAINED_BY[model] = self
        self._background.submit(TRAINING, partial(self._fit, data, {"verbose": 0, **options}))

    def _fit(self, data: tuple[Any, ...], options: dict[str, Any], outdated: Callable[[], bool]) -> None:
        lab = self._lab
        follow = [FollowTraining(lab, every=1), Progress(self._show_progress, outdated)]
        try:
            callbacks = [*options.pop("callbacks", ()), *follow]
            lab.history = lab.live.model.fit(*data, callbacks=callbacks, **options).history
        finally:
            lab.working, lab.progress = "", 0.0
            lab._model_changed()  # also after an error or Cancel in the middle of an epoch

    def _show_progress(self, done: float, epoch: int, epochs: int) -> None:
        self._lab.progress = done
        self._lab.working = self._lab.words["training"].format(epoch=epoch, epochs=epochs)
