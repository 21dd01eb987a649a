"""Wanda and SparseGPT on one layer of 768 × 3072, from its weights and 4,096 inputs to the pruned weights."""

import statistics

import numpy as np

from prunewidgets.core.masks import Masks
from prunewidgets.models.pruning.solvers import Task, damped, sparsegpt

from . import arrays
from .common import alternate, row
from .peers.environment import torch_times

SHAPES = ((768, 3072), (3072, 768))


def wanda(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("ni,ni->i", x, x))
    masks = Masks.from_sparsity({"kernel": np.abs(weights) * norms[:, np.newaxis]}, 0.5, scope="output")
    return masks.apply({"kernel": weights})["kernel"]


def plain_wanda(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Do the same with NumPy's sort of each output."""
    scores = np.abs(weights) * np.sqrt(np.square(x).sum(axis=0))[:, np.newaxis]
    pruned = weights.copy()
    order = np.argsort(scores, axis=0, kind="stable")[: len(weights) // 2]
    np.put_along_axis(pruned, order, 0, axis=0)
    return pruned


def solved(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    moments, _ = damped(x.T @ x, 0.01)
    return sparsegpt(weights, moments, Task(weights.size // 2))[0]


def measure(what: str, inputs: int, outputs: int, runs: int) -> None:
    weights, x = arrays.layer_and_inputs(inputs, outputs)
    work = {"ours": lambda: {"wanda": wanda, "sparsegpt": solved}[what](weights, x)}
    if what == "wanda":
        work["limit"] = lambda: plain_wanda(weights, x)
    taken = alternate(runs, **work)
    peer, peer_name = torch_times("torch_layer", what, runs, inputs, outputs)
    row(
        "layer_solvers",
        f"{what}, {inputs} × {outputs}",
        statistics.median(taken["ours"]),
        statistics.median(peer) if peer else None,
        peer_name,
        statistics.median(taken["limit"]) if "limit" in taken else None,
        runs=runs,
    )


if __name__ == "__main__":
    for inputs, outputs in SHAPES:
        measure("wanda", inputs, outputs, runs=7)
        measure("sparsegpt", inputs, outputs, runs=5)
