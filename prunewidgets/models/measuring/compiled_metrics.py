"""The numbers of a compiled model under the names that ``model.evaluate(return_dict=True)`` gives them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras.src.trainers.compile_utils import CompileLoss, CompileMetrics

Structure = Any


class OneMetric(NamedTuple):
    """A metric of one output.

    Attributes:
        metric: As the user compiled the model with it: it may hold what it has counted.
        output: Number of the output.
    """

    metric: keras.metrics.Metric
    output: int


def output_names(model: keras.Model | None) -> list[str]:
    """Return the names of a model's outputs; none if nothing names them before a call."""
    if names := getattr(model, "output_names", None):
        return list(names)
    # A subclassed model that returns a dict is compiled with one too.
    loss, metrics = (getattr(model, name, None) for name in ("_compile_loss", "_compile_metrics"))
    given = (getattr(loss, "_user_loss", None), getattr(metrics, "_user_metrics", None))
    return next((sorted(part) for part in given if isinstance(part, Mapping)), [])


def compiled_names(model: keras.Model) -> dict[str, Any]:
    """Return {name: metric} of the metrics that a model with one output is compiled with."""
    compiled = getattr(model, "_compile_metrics", None)
    if compiled is None or len(output_names(model)) > 1:
        return {}
    given = tf.nest.flatten([compiled._user_metrics or [], compiled._user_weighted_metrics or []])
    found = {_own_name(metric): metric for metric in given if metric is not None}
    return {name: metric for name, metric in found.items() if name not in ("accuracy", "acc")}


def refuse_several_outputs(model: keras.Model) -> None:
    """Raise ValueError for a model with several outputs, whose accuracy is not one number."""
    outputs = output_names(model)
    if len(outputs) < 2:
        return
    total = ["loss"] if getattr(model, "_compile_loss", None) is not None else []
    offered = " or ".join(f"metric={name!r}" for name in [*total, _one_of_an_output(model, outputs)])
    raise ValueError(
        f"The model {model.name!r} has {len(outputs)} outputs, {', '.join(outputs)}, and accuracy needs one. "
        f"Pass {offered}, as Keras names what it reports; or a function metric(y, predictions) -> float that "
        "gets all predictions as NumPy arrays."
    )


def _one_of_an_output(model: keras.Model, outputs: list[str]) -> str:
    """Return the name of a metric that the model is compiled with, or of one that it could be measured by."""
    compiled = getattr(model, "_compile_metrics", None)
    given: Any = getattr(compiled, "_user_metrics", None)
    for output in outputs if isinstance(given, Mapping) else ():
        for metric in tf.nest.flatten(given.get(output) or []):
            return f"{output}_{_own_name(metric)}"
    return f"{outputs[0]}_{'mae' if getattr(model, '_compile_loss', None) is None else 'loss'}"


def find_metric(model: keras.Model, name: str, y: Structure, outputs: Structure) -> OneMetric:
    """Return the metric that ``model.evaluate(return_dict=True)`` reports under this name.

    For a model with several outputs, "boxes_mae" is found also if the model was not compiled with it: the
    metric "mae" of the output "boxes".

    Raises:
        ValueError: If there is none.
    """
    compiled = getattr(model, "_compile_metrics", None)
    names = output_names(model)
    known: dict[str, OneMetric] = {}
    if compiled is not None:
        fresh = CompileMetrics(compiled._user_metrics, compiled._user_weighted_metrics, output_names=names)
        fresh.build(y, outputs)
        known = dict(_named(fresh))
    if name in known:
        return known[name]
    for output in names:
        if len(names) > 1 and name.startswith(f"{output}_"):
            rest = name.removeprefix(f"{output}_")
            try:
                alone = CompileMetrics({output: [rest]}, None, output_names=names)
                alone.build(y, outputs)
            except (TypeError, ValueError):
                continue
            return next(found for _, found in _named(alone))
    offered = ["loss", *known] if getattr(model, "_compile_loss", None) is not None else list(known)
    raise ValueError(
        f"The model {model.name!r} has no metric {name!r}; it has {', '.join(offered) or 'none'}. Its "
        f"outputs are {', '.join(names)}: a metric of one is named such as {names[0]}_mae."
    )


def fresh_loss(model: keras.Model) -> CompileLoss:
    """Return the loss that a model is compiled with, as an object that shares no counts with the model.

    Raises:
        ValueError: If it has none, or computes its loss in a way of its own.
    """
    compiled = getattr(model, "_compile_loss", None)
    own = type(model).compute_loss is not keras.Model.compute_loss
    active = [layer.name for layer in model._flatten_layers() if getattr(layer, "activity_regularizer", None)]
    if compiled is None or own or active:
        reason = (
            "has a compute_loss of its own"
            if own
            else f"has an activity_regularizer in {active[0]!r}"
            if active
            else "is not compiled with a loss"
        )
        raise ValueError(
            f"The model {model.name!r} {reason}, so metric='loss' cannot measure it; compile it with a loss, "
            "or give a function metric(y, predictions) -> float."
        )
    return CompileLoss(
        compiled._user_loss, compiled._user_loss_weights, output_names=getattr(model, "output_names", None)
    )


def weight_penalty(model: keras.Model, values: list[tf.Tensor]) -> float:
    """Return what the regularizers of weights add to a loss, for these values of ``model.variables``."""
    with keras.StatelessScope(state_mapping=list(zip(model.variables, values, strict=True))):
        return float(sum(float(penalty) for penalty in model._get_regularization_losses()))


def flat(structure: Structure, names: list[str]) -> list[Any]:
    """Return the parts of labels or outputs in the order of a model's outputs."""
    if isinstance(structure, Mapping) and set(structure) == set(names):
        return [structure[name] for name in names]
    return list(tf.nest.flatten(structure))


def _named(compiled: CompileMetrics) -> Iterator[tuple[str, OneMetric]]:
    """Yield each metric under its name in Keras's results, see ``CompileMetrics.result``."""
    seen: dict[str, int] = {}
    for weighted, lists in enumerate((compiled._flat_metrics, compiled._flat_weighted_metrics)):
        for output, found in enumerate(lists):
            for metric in found.metrics if found else ():
                before = f"{found.output_name}_" if found.output_name else ""
                name = before + metric.name
                if weighted and name in seen:
                    name = f"{before}weighted_{metric.name}"
                count = seen[name] = seen.get(name, 0) + 1
                yield name if count == 1 else f"{name}_{count - 1}", OneMetric(metric, output)


def _own_name(metric: Any) -> str:
    if isinstance(metric, keras.metrics.Metric):
        return str(metric.name)
    return metric if isinstance(metric, str) else str(getattr(metric, "__name__", type(metric).__name__))
