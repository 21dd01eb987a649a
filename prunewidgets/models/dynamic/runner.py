"""A network with early exits that really stops: the layers behind an exit run only for those still there."""

from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from .exits import exit_layers, graph_of, output_of
from .leaving import check_thresholds

Runner = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
_Stage = Callable[[tf.Tensor], list[tf.Tensor]]


def exit_runner(model: keras.Model, threshold: float, compact: bool = True) -> Runner:
    """Return a function that runs a model with early exits, and stops as soon as all examples have left.

    The function runs the model up to the first exit, looks whose largest probability is at least the
    threshold, and goes on with the others. It is compiled, and reads the weights as they are when it is
    called. For a model with one output it runs the model, so that the two can be timed in the same way.

    Args:
        model: A model made by ``early_exits``, or one with one input and one output.
        threshold: The probability with which an example leaves; above 1 none leaves before the end.
        compact: Whether those who have left are taken out of the batch, which copies the others. If False,
            the whole batch goes on until all have left. Defaults to True.

    Returns:
        A function from inputs, (examples, …), to the probabilities, (examples, classes), and the number of
        the output at which each example left, (examples,) int64.

    Raises:
        ValueError: Outputs that are not exits, a threshold below 0, or a way that leads around an exit, so
            that what comes behind it cannot be run by itself.

    Example:
        >>> exits = pw.early_exits(pw.models.pretrained("lenet_5"), ["pool_1"])
        >>> _, (x, y) = pw.datasets.mnist()
        >>> run = pw.exit_runner(exits, threshold=0)  # so everyone leaves at once
        >>> probabilities, left_at = run(x[:4])
        >>> probabilities.shape, left_at
        ((4, 10), array([0, 0, 0, 0]))

    Source: Teerapittayanon, McDanel and Kung, "BranchyNet: fast inference via early exiting from deep neural
        networks" (2016), algorithm 1, with the largest probability in place of the entropy.
    """
    check_thresholds([threshold])
    stages = list(_stages(model))
    last = len(stages) - 1

    def run(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(len(x))  # of x, that go on
        gone = np.zeros(len(x), bool)  # of these, if the batch waits
        left_at = np.full(len(x), last)
        answers: np.ndarray | None = None
        between = tf.convert_to_tensor(x, model.inputs[0].dtype)
        for number, stage in enumerate(stages):
            made, *rest = stage(between)
            made = made.numpy()
            if answers is None:
                answers = np.empty((len(x), *made.shape[1:]), made.dtype)
            leave = ~gone
            if number < last:
                leave &= made.max(axis=-1) >= made.dtype.type(threshold)
            answers[rows[leave]], left_at[rows[leave]] = made[leave], number
            gone |= leave
            if gone.all():
                break
            between = rest[0]
            if compact and leave.any():
                kept = np.flatnonzero(~gone)
                between, rows, gone = tf.gather(between, kept), rows[kept], gone[kept]
        assert answers is not None  # there is at least one stage
        return answers, left_at

    return run


def _stages(model: keras.Model) -> Iterator[_Stage]:
    """Yield for each output a compiled function from what the one before hands on to [answers, hands on]."""
    graph = graph_of(model)
    begin = graph.inputs[0]
    ends = [output_of(model, name)[2] for name in exit_layers(model)]
    for name, answer, end in zip(graph.output_names, graph.outputs, [*ends, None], strict=True):
        try:
            part = keras.Function([begin], [answer] if end is None else [answer, end])
        except ValueError as error:
            raise ValueError(
                f"{model.name!r} cannot be run in pieces: what leads to {name!r} does not all go through the "
                "exit before it. Put the exit behind a layer that everything passes, such as the sum at the "
                "end of a block."
            ) from error
        yield _compiled(part, begin)
        begin = end


def _compiled(part: keras.Function, begin: keras.KerasTensor) -> _Stage:
    signature = tf.TensorSpec((None, *begin.shape[1:]), begin.dtype)  # so that no size is compiled anew

    def stage(between: tf.Tensor) -> list[tf.Tensor]:
        return list(part([between]))

    # Traced at once: TensorFlow takes the stages for one function that is traced again and again, and warns.
    traced: _Stage = tf.function(stage, input_signature=[signature]).get_concrete_function()
    return traced
