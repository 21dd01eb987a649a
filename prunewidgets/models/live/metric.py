"""Check what was given as ``metric=``, and compute its value for a single measurement."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

Metric: TypeAlias = str | keras.metrics.Metric | Callable[..., float]
"""The name of a Keras metric, a metric object, or a function (y, predictions) -> float."""


def chosen_metric(metric: Any) -> keras.metrics.Metric | Callable[..., float] | None:
    """Return the metric as an object or function; None stands for accuracy with its interval.

    Raises:
        ValueError: If Keras does not know the name.
        TypeError: If it is not a metric at all.
    """
    if metric is None or metric in ("accuracy", "acc"):
        return None
    if isinstance(metric, str):
        try:
            metric = keras.metrics.get(metric)
        except ValueError as error:
            raise ValueError(
                f"metric {metric!r} is not a metric that Keras knows; give a name such as 'mae', a "
                "keras.metrics.Metric or a function metric(y, predictions) -> float."
            ) from error
    if isinstance(metric, type) and issubclass(metric, keras.metrics.Metric):
        metric = metric()
    if not callable(metric) and not isinstance(metric, keras.metrics.Metric):
        raise TypeError(
            f"metric is a {type(metric).__name__}; give the name of a metric of Keras, a "
            "keras.metrics.Metric or a function metric(y, predictions) -> float."
        )
    own = inspect.isfunction(metric) and metric.__module__.startswith("keras.")
    # A metric function of Keras returns one value per example.
    return keras.metrics.MeanMetricWrapper(metric, name=metric.__name__) if own else metric


def value_of(
    metric: keras.metrics.Metric | Callable[..., float],
    y: Any,
    outputs: Any,
    masks: list[np.ndarray | None],
    sample_weight: Any = None,
) -> float:
    """Return the value of a metric from ``chosen_metric`` on these predictions alone.

    A Keras metric object accumulates what it is given. So a fresh one of the same kind is used: earlier
    examples do not count here, and these do not count later.

    Args:
        metric: The metric.
        y: The labels as the user gave them.
        outputs: All predictions, NumPy arrays in the model's structure.
        masks: For each output, which positions count in Keras; None if all do.
        sample_weight: Weights as ``update_state`` takes them.
    """
    if isinstance(metric, keras.metrics.Metric):
        return _single(metric_name(metric), _by_keras(metric, y, outputs, masks, sample_weight))
    name = metric_name(metric)
    if sample_weight is None:
        return _single(name, metric(y, outputs))
    parameters = inspect.signature(metric).parameters.values()
    if not any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters):
        raise ValueError(f"The metric {name} has no argument sample_weight, and sample_weight is given.")
    return _single(name, metric(y, outputs, sample_weight=sample_weight))


def metric_name(metric: keras.metrics.Metric | Callable[..., float]) -> str:
    """Return what to call a metric in a message."""
    own = metric.name if isinstance(metric, keras.metrics.Metric) else getattr(metric, "__name__", None)
    return str(own or type(metric).__name__)


def _by_keras(
    metric: keras.metrics.Metric, y: Any, outputs: Any, masks: list[np.ndarray | None], sample_weight: Any
) -> Any:
    flat = tf.nest.flatten(outputs)
    if len(flat) != 1:
        raise ValueError(
            f"The model has {len(flat)} outputs, and the metric {metric.name!r} needs one. Pass a "
            "function metric(y, predictions) -> float that gets all predictions."
        )
    predictions = tf.convert_to_tensor(flat[0])
    if masks[0] is not None:
        predictions._keras_mask = tf.convert_to_tensor(masks[0])  # as Keras passes it to its metrics
    with _emptied(metric) as empty:
        empty.update_state(np.asarray(y), predictions, sample_weight=sample_weight)
        return empty.result()


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
