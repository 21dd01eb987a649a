"""Structured masks: half of the filters of each of ResNet-50's convolution kernels, by mean |w|."""

import statistics

import numpy as np

import prunewidgets as pw

from . import arrays
from .common import alternate, row
from .peers.environment import torch_times


def ours(weights: dict[str, np.ndarray]) -> list[pw.Masks]:
    """Make masks layer by layer, as in torch: a layer's scores are freed before the next layer's are made."""
    return [
        pw.Masks.from_sparsity(pw.score({name: array}), 0.5, granularity="filter")
        for name, array in weights.items()
    ]


def limit(weights: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Make masks from float32 Σ|w| and a partition of the few sums: no checks, ties are not resolved."""
    masks = []
    for array in weights.values():
        sums = np.abs(array).reshape(-1, array.shape[-1]).sum(axis=0)
        keep = sums >= np.partition(sums, sums.size // 2)[sums.size // 2]
        masks.append(np.broadcast_to(keep, array.shape).copy())
    return masks


if __name__ == "__main__":
    runs = 9
    weights = arrays.convolutions()
    # One after the other, as torch runs in its own process: each reuses only memory that it freed itself.
    taken = alternate(runs, ours=lambda: ours(weights)) | alternate(runs, limit=lambda: limit(weights))
    peer, peer_name = torch_times("torch_prune", "structured", runs)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    row(
        "structured_masks",
        "resnet_50",
        medians["ours"],
        statistics.median(peer) if peer else None,
        peer_name,
        medians["limit"],
        runs=runs,
    )
