"""Compute the value of a metric for a single measurement, batch by batch where the metric can."""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure, as_arrays
from ..data.labels import check_length
from ..forward.passes import Answers
from ..plain_error import plain_error
from .compiled_metrics import compiled_names, find_metric, flat, fresh_loss, output_names, weight_penalty
from .metric import ChosenMetric
from .prepared import joined


class Part(NamedTuple):
    """One batch of a measurement.

    Attributes:
        y: Its labels.
        answers: What the forward pass returned for it.
        sample_weight: Its weights, or None.
    """

    y: Any
    answers: Answers
    sample_weight: Any = None


def value_on(
    metric: ChosenMetric,
    model: keras.Model,
    passes: Iterator[Answers],
    y: Any,
    n: int,
    values: list[tf.Tensor],
    sample_weight: Any = None,
) -> float:
    """Return the value of a metric on ``n`` examples, given the passes over them and all labels.

    Raises:
        ValueError: If y or the weights have another length.
    """
    if not _is_own_function(metric):
        return value_of(metric, model, parts_of(passes, y, n, sample_weight), values)
    if hasattr(y, "shape"):  # a function may take any other y
        check_length(y, n)
    return _value_of_function(metric, y, joined(passes)[0], sample_weight)


def parts_of(passes: Iterable[Answers], y: Any, n: int, sample_weight: Any = None) -> Iterator[Part]:
    """Yield the passes over ``n`` examples, each with its share of the labels and weights.

    Raises:
        ValueError: If y or the weights have another length.
    """
    y, sample_weight = as_arrays(y), None if sample_weight is None else as_arrays(sample_weight)
    for part in tf.nest.flatten([y, [] if sample_weight is None else sample_weight]):
        check_length(part, n)
    start = 0
    for answers in passes:
        rows = slice(start, start + len(tf.nest.flatten(answers.outputs)[0]))
        start = rows.stop
        yield Part(_rows(y, rows), answers, _rows(sample_weight, rows))


def _rows(structure: Structure, rows: slice) -> Structure:
    return tf.nest.map_structure(lambda part: None if part is None else part[rows], structure)


def value_of(
    metric: ChosenMetric, model: keras.Model, parts: Iterable[Part], values: list[tf.Tensor]
) -> float:
    """Return the value of a metric on these batches alone.

    A metric of Keras is updated with one batch at a time. Only a function of the user's own gets all labels
    and predictions at once, which are kept for it.

    Args:
        metric: From ``chosen_metric``.
        model: The model that made the answers.
        parts: The batches.
        values: The values of the model's variables in this measurement, for the loss's penalty on weights.
    """
    name = metric.measure.name
    given = metric.metric
    if isinstance(given, str) and given.endswith("loss") and given not in compiled_names(model):
        found = _loss(given, model, parts, values)
    elif isinstance(given, str | keras.metrics.Metric):
        found = _streamed(given, name, model, parts)
    else:
        kept = list(parts)
        outputs, _ = joined(part.answers for part in kept)
        y, weights = tf.nest.map_structure(
            lambda *each: None if each[0] is None else np.concatenate([np.asarray(one) for one in each]),
            *[(part.y, part.sample_weight) for part in kept],
        )
        return _value_of_function(metric, y, outputs, weights)
    return _single(name, found)


def _value_of_function(metric: ChosenMetric, y: Any, outputs: Structure, sample_weight: Any = None) -> float:
    """Return the value of a function of the user's own, which gets all labels and predictions."""
    function, name = metric.metric, metric.measure.name
    assert callable(function)
    if sample_weight is None:
        return _single(name, function(y, outputs))
    parameters = inspect.signature(function).parameters.values()
    if not any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters):
        raise ValueError(
            f"The metric {name} has no argument sample_weight, and sample_weight is given. Give the function "
            "that argument, or leave out the weights."
        )
    return _single(name, function(y, outputs, sample_weight=sample_weight))


def _is_own_function(metric: ChosenMetric) -> bool:
    """Return whether it is a function of the user's own, which needs all predictions."""
    return not isinstance(metric.metric, str | keras.metrics.Metric)


def _streamed(
    metric: keras.metrics.Metric | str, name: str, model: keras.Model, parts: Iterable[Part]
) -> Any:
    parts, names, output = iter(parts), output_names(model), 0
    first = next(parts)
    if isinstance(metric, str):
        metric, output = find_metric(model, metric, first.y, first.answers.outputs)
    elif (count := len(tf.nest.flatten(first.answers.outputs))) != 1:
        such = f", such as {names[0]}_{name}" if names else ""
        raise ValueError(
            f"The model has {count} outputs, and the metric {name!r} needs one. Name that of one "
            f"output{such}, or pass a function metric(y, predictions) -> float that gets all predictions."
        )
    with _emptied(metric) as empty:
        for part in chain([first], parts):
            predictions, labels = flat(_tensors(part.answers), names), flat(part.y, names)
            weights = [None] if part.sample_weight is None else flat(part.sample_weight, names)
            weight = weights[output] if len(weights) > output else weights[0]
            with _named(name, labels[output], predictions[output]):
                empty.update_state(np.asarray(labels[output]), predictions[output], sample_weight=weight)
        return empty.result()


@contextmanager
def _named(name: str, y: Any, predictions: tf.Tensor) -> Iterator[None]:
    """Explain what a metric raises when it cannot compare y with the predictions."""
    try:
        yield
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        raise ValueError(
            f"The metric {name!r} cannot compare y of shape {np.shape(y)} with predictions of shape "
            f"{tuple(predictions.shape)} ({plain_error(error)}). Choose a metric for such y, or give y in "
            "the form of the predictions, such as keras.utils.to_categorical(y)."
        ) from error


def _tensors(answers: Answers) -> Structure:
    """Return the outputs, each with the mask of the positions that count where Keras looks for it."""
    outputs = tf.nest.map_structure(tf.convert_to_tensor, answers.outputs)
    for output, mask in zip(tf.nest.flatten(outputs), answers.masks, strict=True):
        if mask is not None:
            output._keras_mask = tf.convert_to_tensor(mask)
    return outputs


def _loss(name: str, model: keras.Model, parts: Iterable[Part], values: list[tf.Tensor]) -> float:
    """Return the mean loss as Keras takes it: over batches, weighted by their sizes."""
    loss, total, n = fresh_loss(model), 0.0, 0
    for part in parts:
        outputs = _tensors(part.answers)
        size = len(tf.nest.flatten(outputs)[0])
        y, weights = tf.nest.map_structure(
            lambda array: None if array is None else tf.convert_to_tensor(array), (part.y, part.sample_weight)
        )
        total, n = total + size * float(loss(y, outputs, weights)), n + size
    if name == "loss":
        return total / n + weight_penalty(model, values)
    found = {metric.name: metric for metric in loss.metrics}
    if name not in found:
        raise ValueError(
            f"The model {model.name!r} has no loss {name!r}; it has {', '.join(['loss', *found])}."
        )
    return float(found[name].result())


@contextmanager
def _emptied(metric: keras.metrics.Metric) -> Iterator[keras.metrics.Metric]:
    """Yield a fresh metric of the same kind; if none can be made, reset this one and restore it later."""
    try:
        if not type(metric).__module__.startswith("keras."):
            raise TypeError("what a class of the user's own keeps is not known")
        fresh = type(metric).from_config(metric.get_config())
    except (TypeError, ValueError, NotImplementedError):
        before = [tf.identity(variable.value) for variable in metric.variables]
        attributes = dict(vars(metric))
        metric.reset_state()
        try:
            yield metric
        finally:
            vars(metric).update(attributes)
            for variable, value in zip(metric.variables, before, strict=False):
                variable.assign(value)
    else:
        yield fresh


def _single(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        found = f"shape {np.shape(value)}" if hasattr(value, "shape") else f"type {type(value).__name__}"
        raise ValueError(
            f"The metric {name} returned a value of {found}; a single number is needed."
        ) from error
