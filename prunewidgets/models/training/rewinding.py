"""Rewinding and lottery tickets: train a pruned network again from an earlier state."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...core.criteria import score
from ...core.masks import Masks
from ...core.schedules import rounds_to
from ...utils.finished import keep_finished
from ...utils.uninterrupted import uninterrupted
from ..data.source import is_stream, source_of
from ..holding.state import Saved, all_variables, build_optimizer, hold_again, record, state_of
from ..layers.weights import Layers, prunable_variables
from ..live.live_model import LiveModel
from ..measuring.accuracy import as_columns

Train = Callable[[keras.Model, list[keras.callbacks.Callback]], Any]
"""A function that trains a model with ``fit`` and passes these callbacks to it."""


class RewindPoint(keras.callbacks.Callback):
    """A Keras callback that saves a model and its optimizer in memory after some steps of ``fit``.

    Args:
        step: Number of updates after which to save. Defaults to 0, before the first update.

    Raises:
        ValueError: If ``step`` is below 0.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> start = pw.RewindPoint(step=5)
        >>> history = model.fit(x[:1_280], y[:1_280], verbose=0, callbacks=[start])
        >>> masks = pw.prune(model, sparsity=0.9)
        >>> start.rewind()  # or start.rewind_learning_rate()
        >>> int(model.optimizer.iterations), round(pw.LiveModel(model).applied.sparsity, 2)
        (5, 0.9)

    Source: Frankle et al., "Linear mode connectivity and the lottery ticket hypothesis" (2020), section 4;
        Renda, Frankle and Carbin, "Comparing rewinding and fine-tuning in neural network pruning" (2020).
    """

    def __init__(self, step: int = 0) -> None:
        """Check the step; the rest waits for ``fit``."""
        super().__init__()
        if step < 0:
            raise ValueError(f"step is {step}; it counts updates, so give 0 or more.")
        self._step = step
        self._saved: Saved | None = None
        self._start: int | None = None  # updates made by the optimizer before this training

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget the state saved in an earlier training."""
        self._saved = self._start = None

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Save the model once the step is reached."""
        if self._start is None:  # not earlier: BackupAndRestore may have restored the optimizer meanwhile
            build_optimizer(self.model)
            self._start = int(self.model.optimizer.iterations)
        self._save_when_reached()

    def on_train_end(self, logs: Any = None) -> None:
        """Save the model if the step is the last one of training."""
        if self._start is not None:
            self._save_when_reached()

    def rewind(self) -> None:
        """Restore weights, statistics and optimizer to the saved state; what is pruned now stays pruned.

        If the model was compiled with another optimizer meanwhile, that one keeps its state.

        Raises:
            RuntimeError: If training never reached the step.
        """
        self._write(lambda variable: True)

    def rewind_learning_rate(self) -> None:
        """Keep the trained weights and restart the learning-rate schedule from the step.

        Raises:
            RuntimeError: If training never reached the step, or the model has another optimizer since.
        """
        saved = self._saved or []
        counter = self.model.optimizer.iterations if saved else None
        if counter is not None and all(variable is not counter for variable, _, _ in saved):
            raise RuntimeError(
                f"{self.model.name!r} was compiled with another optimizer since, whose state at step "
                f"{self._step} was not saved. Rewind before compiling."
            )
        self._write(lambda variable: variable is counter)

    def shuffle(self, seed: int = 0) -> None:
        """Rewind, then shuffle the values within each prunable weight: the control for a lottery ticket.

        For ``step=0`` this is another draw of the initial weights, from the same values.

        Raises:
            RuntimeError: If training never reached the step.
        """
        self.rewind()
        assert self._saved is not None  # otherwise rewind has raised an error
        values = {id(variable): value.numpy() for variable, value, _ in self._saved}
        rng = np.random.default_rng(seed)
        with state_of(self.model).lock, uninterrupted():
            for variable in prunable_variables(self.model).values():
                value = values[id(variable)]
                variable.assign(rng.permutation(value.ravel()).reshape(value.shape))
            hold_again(self.model)

    def _save_when_reached(self) -> None:
        if self._saved is not None or self._start is None:
            return
        if int(self.model.optimizer.iterations) - self._start >= self._step:
            with state_of(self.model).lock, uninterrupted():
                self._saved = record(all_variables(self.model))

    def _write(self, chosen: Callable[[keras.Variable], bool]) -> None:
        if self._saved is None:
            raise RuntimeError(
                f"There is nothing to rewind to: training has not reached step {self._step}. Give this "
                "RewindPoint to fit as a callback, with enough steps."
            )
        with state_of(self.model).lock, uninterrupted():
            for variable, value, _ in self._saved:
                if chosen(variable):
                    variable.assign(value)
            hold_again(self.model)


def lottery_tickets(
    model: keras.Model,
    train: Train,
    x: Any,
    y: Any = None,
    sparsity: float = 0.9,
    share: float = 0.2,
    step: int = 0,
    control: bool = False,
    seed: int = 0,
    layers: Layers = None,
    exclude: Layers = None,
    steps: int | None = None,
) -> pd.DataFrame:
    """Search for a winning ticket: train, prune, rewind, and train again, round after round.

    Each round removes the same share of the survivors, the smallest weights of all layers first, and rewinds
    the others to their values after ``step`` updates of the first training. At the end the model is the last
    ticket, trained, with its masks held. Ctrl-C keeps the finished rows, warns, and sets
    ``frame.attrs["complete"]`` to False; any other exception has them in its ``frame`` attribute.

    Args:
        model: A built and compiled model, with its initial weights and nothing pruned.
        train: A function ``train(model, callbacks)`` that calls ``model.fit(…, callbacks=callbacks)`` in the
            same way each time.
        x: Inputs to measure on, or a data set, as for ``LiveModel.evaluate``.
        y: Their labels; left out where x is a data set.
        sparsity: The final sparsity, from 0 to below 1. Defaults to 0.9.
        share: Share of the survivors to remove in each round. Defaults to 0.2.
        step: Update to rewind to: 0, the default, for the initial weights; some hundreds for late rewinding.
        control: Whether to also train each ticket's masks from shuffled values. Defaults to False.
        seed: Random seed for the shuffling.
        layers: Prune these only: names of layers or weights, classes, regular expressions or a function, see
            ``LiveModel``. Defaults to all.
        exclude: Do not prune these.
        steps: Number of batches to read of a data set; needed if it has no end.

    Returns:
        One row per training: round, kind ("ticket" or "control"), sparsity, accuracy, low, high, n.

    Raises:
        ValueError: If sparsity or share is out of range, labels do not fit, or the model is already pruned.
        RuntimeError: If ``train`` does not pass on the callbacks.

    Example:
        >>> (x, y), (x_test, y_test) = pw.datasets.mnist()
        >>> def train(model, callbacks):
        ...     model.fit(x[:1_280], y[:1_280], verbose=0, callbacks=callbacks)
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> frame = pw.lottery_tickets(model, train, x_test, y_test, sparsity=0.75, share=0.5)
        >>> frame[["round", "kind", "sparsity", "n"]]
           round    kind  sparsity      n
        0      0  ticket      0.00  10000
        1      1  ticket      0.50  10000
        2      2  ticket      0.75  10000

    Source: Frankle and Carbin, "The lottery ticket hypothesis: finding sparse, trainable neural networks"
        (2019), section 2; control: its "random reinitialization", which draws new values.
    """
    live, rounds = LiveModel(model, layers, exclude), rounds_to(sparsity, share)
    if live.applied is not None and live.applied.removed:
        raise ValueError(
            f"{model.name!r} is pruned already ({100 * live.applied.sparsity:.2f} %), and tickets are drawn "
            "from the whole network with its initial weights: build it again."
        )
    if is_stream(x):
        x = source_of(model, x, y, steps=steps)  # read once, if it is small
    live.evaluate(x, y)  # raise errors about x and y now, not after the first training
    wanted = [1 - (1 - share) ** number for number in range(1, rounds)] + [sparsity] * (rounds > 0)
    rows: list[dict[str, Any]] = []
    trainings = _trainings(live, RewindPoint(step), train, (x, y), wanted, control, seed)
    try:
        complete = keep_finished(trainings, rows, "training", 1 + rounds * (2 if control else 1))
    except Exception as error:
        error.frame = pd.DataFrame(rows, columns=COLUMNS)  # type: ignore[attr-defined]
        raise
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.attrs["complete"] = complete
    return frame


def _trainings(
    live: LiveModel,
    point: RewindPoint,
    train: Train,
    data: tuple[Any, Any],
    sparsities: list[float],
    control: bool,
    seed: int,
) -> Iterator[dict[str, Any]]:
    """Train the whole network, then the ticket (and its control) of each sparsity; yield their rows."""

    def row(number: int, kind: str) -> dict[str, Any]:
        reached = live.applied.sparsity if live.applied is not None else 0.0
        return {"round": number, "kind": kind, "sparsity": reached, **as_columns(live.evaluate(*data))}

    train(live.model, [point])
    yield row(0, "ticket")
    for number, sparsity in enumerate(sparsities, 1):
        live.apply(Masks.from_sparsity(score(live.weights), sparsity))
        if control:
            point.shuffle(seed + number)
            train(live.model, [])
            yield row(number, "control")
        point.rewind()
        train(live.model, [])
        yield row(number, "ticket")


COLUMNS = ["round", "kind", "sparsity", "accuracy", "low", "high", "n"]
