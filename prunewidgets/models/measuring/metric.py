"""Check what was given as ``metric=``: what is measured, which values are better, and how it is computed."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras

from ...core.measures import Measure, checked_direction, measure_named
from .compiled_metrics import compiled_names, output_names

_WAY_OUT = "a keras.metrics.Metric or a function metric(y, predictions) -> float."

_SHARES = tuple(
    getattr(keras.metrics, name)
    for name in (
        "Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy "
        "SparseTopKCategoricalAccuracy AUC Precision Recall PrecisionAtRecall RecallAtPrecision "
        "SensitivityAtSpecificity SpecificityAtSensitivity FBetaScore IoU OneHotIoU"
    ).split()
)
"""Metrics of Keras with values from 0 to 1; ``IoU`` has ``MeanIoU`` under it."""


@dataclass(frozen=True)
class ChosenMetric:
    """What is measured instead of the accuracy, after ``chosen_metric`` has checked it.

    Attributes:
        metric: A metric object; a function of all labels and predictions; or the name under which
            ``model.evaluate(return_dict=True)`` returns a number of the compiled model.
        measure: Its name, direction and range.
    """

    metric: keras.metrics.Metric | Callable[..., float] | str
    measure: Measure


Metric: TypeAlias = str | keras.metrics.Metric | Callable[..., float] | ChosenMetric
"""The name of a metric, a metric object, or a function (y, predictions) -> float; or these, checked."""


def chosen_metric(
    metric: Any, model: keras.Model | None = None, direction: str | None = None
) -> ChosenMetric | None:
    """Return what is to be measured; None stands for accuracy with its interval.

    Args:
        metric: See ``Metric``. A name is first looked for among those of the compiled model, as
            ``model.evaluate(return_dict=True)`` names them, then among the metrics of Keras.
        model: The model to be measured.
        direction: "max" if higher values are better, "min" if lower ones are. Defaults to what Keras, the
            metric or its name says.

    Raises:
        ValueError: If nothing of this name is known, or the direction is another one.
        TypeError: If it is not a metric at all.
    """
    if isinstance(metric, ChosenMetric) and direction is None:
        return metric
    if metric is None or metric in ("accuracy", "acc"):
        if checked_direction(direction) == "min":
            raise ValueError("More accuracy is better: leave direction out, or give a metric.")
        return None
    metric = metric.metric if isinstance(metric, ChosenMetric) else metric
    name = metric if isinstance(metric, str) else None
    found = _named(metric, model) if isinstance(metric, str) else metric
    if isinstance(found, type) and issubclass(found, keras.metrics.Metric):
        found = found()
    if not isinstance(found, str | keras.metrics.Metric) and not callable(found):
        raise TypeError(f"metric is a {type(found).__name__}; give the name of a metric of Keras, {_WAY_OUT}")
    if inspect.isfunction(found) and found.__module__.startswith("keras."):
        # A metric function of Keras returns one value per example.
        found = keras.metrics.MeanMetricWrapper(found, name=found.__name__)
    return ChosenMetric(found, _measure(name or metric_name(found), found, model, direction))


def metric_name(metric: Any) -> str:
    """Return what to call a metric in a message, a column and a view."""
    own = metric.name if isinstance(metric, keras.metrics.Metric) else getattr(metric, "__name__", None)
    return "metric" if own == "<lambda>" else str(own or getattr(metric, "name", type(metric).__name__))


def _named(name: str, model: keras.Model | None) -> Any:
    """Return the metric of this name, or the name itself if it is one of the compiled model."""
    outputs = output_names(model)
    prefixed = len(outputs) > 1 and any(name.startswith(f"{output}_") for output in outputs)
    if model is not None and (name == "loss" or name in compiled_names(model) or prefixed):
        return name
    try:
        return keras.metrics.get(name)
    except (TypeError, ValueError) as error:  # TypeError: a class that needs arguments
        known = compiled_names(model) if model is not None else []
        compiled = f"; this model is compiled with {', '.join(known)}" if known else ""
        raise ValueError(
            f"metric {name!r} is not a metric that Keras knows{compiled}; give a name such as 'mae', "
            + _WAY_OUT
        ) from error


def _measure(name: str, found: Any, model: keras.Model | None, direction: str | None) -> Measure:
    """Return what Keras says about a metric, else its own name."""
    if isinstance(found, str) and model is not None:  # of the compiled model
        found = compiled_names(model).get(found, found)
    known = measure_named(name, direction)
    if isinstance(found, keras.losses.Loss):
        return known._replace(direction=direction or "min", share=False)
    if not isinstance(found, keras.metrics.Metric):
        return known
    by_class = measure_named(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(found).__name__))
    own = {"up": "max", "down": "min"}.get(getattr(found, "_direction", None) or "")
    better = direction or own or known.direction or by_class.direction
    if type(found) is keras.metrics.MeanMetricWrapper:
        return known._replace(direction=better)
    return Measure(name, better, isinstance(found, _SHARES))
