"""FollowTraining: views that show the weights while ``model.fit`` trains them."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import keras
import numpy as np

from ..holding.state import hold_again
from ..live.live_model import LiveModel

_PAUSE = 0.3
"""Seconds between two updates within an epoch: more frequent ones would flicker."""

_SHARE = 0.2
"""Largest share of the time that updates within an epoch may take, so a large model's are less frequent."""


class Follower(Protocol):
    """Anything that can follow training: a lab, or a view of weights."""

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Show these weights; ``settled`` is True after an epoch, when it is worth measuring them."""


class FollowTraining(keras.callbacks.Callback):
    """A Keras callback that keeps views up to date while a model trains, in a cell or in a thread.

    Training runs exactly as without it. With this callback, code that reads or prunes the weights runs
    between two training steps, never during one.

    Args:
        *views: Labs and views of this model's weights.
        every: Number of batches after which to show the weights, in addition to each epoch; at most about
            three times a second, and less often if showing them is slow. Defaults to None, after each epoch.

    Raises:
        TypeError: If a view cannot follow training.
        ValueError: If ``every`` is below 1.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> view = pw.WeightHistogram(pw.LiveModel(model).weights)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> follow = pw.FollowTraining(view, every=20)
        >>> history = model.fit(x[:1_280], y[:1_280], verbose=0, callbacks=[follow])
        >>> view.error  # empty: the view shows the trained weights
        ''
    """

    def __init__(self, *views: Follower, every: int | None = None) -> None:
        """Check the views; the rest waits for ``fit``."""
        super().__init__()
        for view in views:
            if not hasattr(view, "follow"):
                raise TypeError(
                    f"only a lab or a view of weights can follow training, not {type(view).__name__}."
                )
        if every is not None and every < 1:
            raise ValueError(f"every is {every}; it counts batches, so give 1 or more.")
        self._views, self._every = views, every
        self._batches, self._next = 0, 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Find the weights."""
        self._live = LiveModel(self.model)
        self._batches = 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Make sure that the step runs under the model's lock; the training function may be a new one."""
        step = self.model.train_function
        if not isinstance(step, _LockedStep):
            self.model.train_function = _LockedStep(step, self._live.lock)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show the weights if an update is due."""
        self._batches += 1
        if self._every is not None and self._batches % self._every == 0 and time.monotonic() > self._next:
            self._show(settled=False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the weights, and let the views measure them."""
        self._show(settled=True)

    def on_train_end(self, logs: Any = None) -> None:
        """Zero removed weights again, as earlier callbacks may have restored values from before pruning."""
        hold_again(self.model)

    def _show(self, settled: bool) -> None:
        start = time.monotonic()
        weights = self._live.snapshot().weights
        for view in self._views:
            view.follow(weights, settled)
        end = time.monotonic()
        self._next = end + max(_PAUSE, (end - start) / _SHARE)


class _LockedStep:
    """A training step that holds the lock, so that no other thread reads or prunes weights meanwhile."""

    def __init__(self, step: Callable[..., Any], lock: threading.RLock) -> None:
        self._step, self._lock = step, lock

    def __call__(self, iterator: Iterator[Any]) -> Any:
        with self._lock:  # released after an interrupt too
            return self._step(iterator)


class Progress(keras.callbacks.Callback):
    """A Keras callback that reports the progress of ``fit``, and stops it after a batch if outdated.

    Args:
        report: Called with the share done, 0 to 1, the number of the epoch, from 1, and that of epochs.
        outdated: Returns whether to stop.
    """

    def __init__(self, report: Callable[[float, int, int], None], outdated: Callable[[], bool]) -> None:
        """Remember the functions; the rest waits for ``fit``."""
        super().__init__()
        self._report, self._outdated = report, outdated
        self._epoch, self._reported = 0, 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember and report the epoch that begins."""
        self._epoch = epoch
        self._report_progress(0)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop if outdated; otherwise report progress, a few times a second."""
        if self._outdated():
            self.model.stop_training = True
        elif time.monotonic() - self._reported > _PAUSE:
            self._report_progress(batch + 1)

    def _report_progress(self, batches: int) -> None:
        epochs, steps = self.params["epochs"], self.params["steps"]
        within = batches / steps if steps else 0.0  # a generator may not know its length
        self._report(min((self._epoch + within) / epochs, 1.0), self._epoch + 1, epochs)
        self._reported = time.monotonic()
