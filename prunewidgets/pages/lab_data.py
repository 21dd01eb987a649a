"""What a page needs to measure a lab: the network as steps, the examples, and what Python read them as."""

from typing import Any

import numpy as np

from ..labs.page_facts import examples_of
from ..labs.pruning_lab import PruningLab
from ..models.data.labels import as_labels, binary_cut, ignored_label
from ..models.formats.page_graph import page_graph
from ..models.live.examples import QUICK, Examples
from ..models.live.snapshot import Snapshot
from .words import PAGE

MOST_BYTES = 60_000_000
"""Most bytes of examples that a page carries, before they are compressed."""


def lab_data(lab: PruningLab) -> tuple[dict[str, Any], list[str]]:
    """Return the data for `static/worker.js`; or nothing, and the reasons why a page cannot measure this lab.

    Args:
        lab: a lab whose accuracy is measured.
    """
    model, examples = lab.live.model, examples_of(lab)
    graph = page_graph(model)
    if reasons := _reasons(lab, graph.missing):
        return {}, reasons
    assert isinstance(examples, Examples)  # otherwise there is a reason
    sent = [as_sent(x, wanted["shape"]) for x, wanted in zip(_inputs(lab), graph.inputs, strict=True)]
    if (size := sum(len(part["values"]) for part in sent)) > MOST_BYTES:
        return {}, [PAGE["page_examples_large"].format(size=size / 1e6, most=MOST_BYTES / 1e6)]
    classes = model.output_shape[-1]
    labels = as_labels(examples.y, examples.n, (examples.n, classes))
    now, unpruned = lab.live.snapshot(), lab.live.snapshot(original=True)
    whole = _read(lab, now)
    x = _inputs(lab)[0]
    low, high = (float(x.min()), float(x.max())) if lab.takes_drawings else (0.0, 0.0)
    data = {
        "graph": {"steps": graph.steps, "inputs": graph.inputs, "output": graph.output},
        # The prunable ones come with the lab's view.
        "arrays": {
            name: {"shape": list(array.shape), "values": b"" if name in lab.live.weights else array.tobytes()}
            for name, array in graph.arrays.items()
        },
        "x": sent,
        # The values of the ground and of the ink of a drawing.
        "low": low,
        "high": high,
        "whole_numbers": x.dtype.kind in "iu",
        "labels": _integers(labels),
        "order": _integers(examples.order),
        "quick": QUICK if examples.many else 0,
        "cut": binary_cut(model) if classes == 1 else 0.0,
        # What Python predicts with these weights, and with those before the first apply.
        "whole": _integers(whole),
        "unpruned": _integers(whole if lab.live.applied is None else _read(lab, unpruned)),
        "applied": lab.live.applied is not None,
    }
    return data, []


def _reasons(lab: PruningLab, missing: list[str]) -> list[str]:
    """Return why a page cannot measure a lab."""
    model, examples = lab.live.model, examples_of(lab)
    shape = getattr(model, "output_shape", None)
    found = [PAGE["page_cannot_run"].format(layers=", ".join(missing))] if missing else []
    if not isinstance(examples, Examples):
        found.append(PAGE["page_stream"])
    if examples.metric is not None:
        found.append(PAGE["page_metric"])
    if examples.sample_weight is not None or ignored_label(model) is not None:
        found.append(PAGE["page_weights"])
    if not missing and (shape is None or len(shape) != 2):
        found.append(PAGE["page_answers"])
    if lab.dtype != "float32" or not lab.layers:
        found.append(PAGE["page_precision"])
    if any(layer["count"] < layer["size"] for layer in lab.layers):
        found.append(PAGE["page_model_large"])
    return found


def _inputs(lab: PruningLab) -> list[np.ndarray]:
    """Return one array for each input of the model, in its order."""
    x = examples_of(lab).x
    if isinstance(x, dict):
        model = lab.live.model
        # As Keras takes them: by the names of the model's own dict, else by those of its input layers.
        names = sorted(model.input) if isinstance(model.input, dict) else [each.name for each in model.inputs]
        return [x[name] for name in names]
    return [x] if isinstance(x, np.ndarray) else list(x)


def _read(lab: PruningLab, snapshot: Snapshot) -> np.ndarray:
    """Return what the model predicts for each example with these weights."""
    read = examples_of(lab).all(lab.live, snapshot, {}, lambda: False)
    assert read is not None and read.predicted is not None  # there is no metric, and nothing cancels it
    return read.predicted


def as_sent(x: np.ndarray, shape: list[int]) -> dict[str, Any]:
    """Return {"shape", "scale", "values"}: one byte a value where that holds them all exactly, else float32.

    Args:
        x: examples.
        shape: of one example, as the model takes it; None for a length that it leaves open.
    """
    shape = list(x.shape[1:]) if len(shape) == x.ndim - 1 else shape
    for scale in (255, 1):
        levels = np.round(np.asarray(x, np.float64) * scale)
        fits = 0 <= levels.min() and levels.max() <= 255
        if fits and np.array_equal(levels.astype(np.float32) / np.float32(scale), np.asarray(x, np.float32)):
            return {"shape": shape, "scale": scale, "values": levels.astype(np.uint8).tobytes()}
    return {"shape": shape, "scale": 0, "values": np.asarray(x, "<f4").tobytes()}


def _integers(array: np.ndarray) -> bytes:
    return array.astype("<i4").tobytes()
