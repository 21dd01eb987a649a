"""What a page needs to measure a lab: the network as steps, the examples, and what Python read them as."""

from typing import Any

import numpy as np

from ..labs.pruning_lab import PruningLab
from ..models.formats.page_graph import page_graph
from ..models.live.examples import QUICK
from ..models.live.labels import as_labels, binary_cut, ignored_label
from ..models.live.snapshot import Snapshot
from .words import PAGE

MOST_BYTES = 60_000_000
"""Most bytes of examples that a page carries, before they are compressed."""


def lab_data(lab: PruningLab) -> tuple[dict[str, Any], list[str]]:
    """Return the data for `static/worker.js`; or nothing, and the reasons why a page cannot measure this lab.

    Args:
        lab: a lab whose accuracy is measured.
    """
    model, examples = lab.live.model, lab._accuracy._examples
    graph = page_graph(model)
    if reasons := _reasons(lab, graph.missing):
        return {}, reasons
    sent = [as_sent(x, wanted["shape"]) for x, wanted in zip(_inputs(lab), graph.inputs, strict=True)]
    if (size := sum(len(part["values"]) for part in sent)) > MOST_BYTES:
        carried = f"{MOST_BYTES / 1e6:g} MB"
        return {}, [f"the examples have {size / 1e6:,.0f} MB, and a page carries at most {carried}"]
    classes = model.output_shape[-1]
    labels = as_labels(examples.y, examples.n, (examples.n, classes))
    now, unpruned = lab.live.snapshot(), lab.live.snapshot(original=True)
    whole = _read(lab, now)
    x = _inputs(lab)[0]
    data = {
        "graph": {"steps": graph.steps, "inputs": graph.inputs, "output": graph.output},
        # The prunable ones come with the lab's view.
        "arrays": {
            name: {"shape": list(array.shape), "values": b"" if name in lab.live.weights else array.tobytes()}
            for name, array in graph.arrays.items()
        },
        "x": sent,
        "low": float(x.min()),
        "high": float(x.max()),
        "whole_numbers": x.dtype.kind in "iu",
        "labels": _integers(labels),
        "order": _integers(examples._order),
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
    model, examples = lab.live.model, lab._accuracy._examples
    shape = getattr(model, "output_shape", None)
    found = [PAGE["page_cannot_run"].format(layers=", ".join(missing))] if missing else []
    if examples.metric is not None:
        found.append("it knows no metric but accuracy")
    if examples.sample_weight is not None or ignored_label(model) is not None:
        found.append("it gives each example the same weight")
    if not missing and (shape is None or len(shape) != 2):
        found.append("it reads one answer for each example, and the model gives several")
    if lab.dtype != "float32" or not lab.layers:
        found.append("it computes in float32")
    if any(layer["count"] < layer["size"] for layer in lab.layers):
        found.append("the model has more weights than a page carries")
    return found


def _inputs(lab: PruningLab) -> list[np.ndarray]:
    """Return one array for each input of the model, in its order."""
    x = lab._accuracy._examples.x
    if isinstance(x, dict):
        return [x[name] for name in sorted(x)]
    return [x] if isinstance(x, np.ndarray) else list(x)


def _read(lab: PruningLab, snapshot: Snapshot) -> np.ndarray:
    """Return what the model predicts for each example with these weights."""
    read = lab._accuracy._examples.all(lab.live, snapshot, {}, lambda: False)
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
