"""Global magnitude masks: 90 % of 25 million weights in 24 layers, exact under ties; 1M to 100M."""

import statistics
import sys
import tracemalloc

import numpy as np

import prunewidgets as pw

from . import arrays
from .common import alternate, row
from .peers.environment import torch_times

SIZES = {"1M": 1_000_000, "5M": 5_000_000, "25M": 25_000_000, "100M": 100_000_000}


def ours(weights: dict[str, np.ndarray]) -> pw.Masks:
    return pw.Masks.from_sparsity(pw.score(weights), 0.9)


def limit(weights: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Make masks with one copy of |w|, np.partition, one comparison per layer: inexact if weights tie."""
    together = np.concatenate([array.ravel() for array in weights.values()])
    np.abs(together, out=together)
    removed = round(0.9 * together.size)
    together.partition(removed)
    return [np.abs(array) >= together[removed] for array in weights.values()]


def measure(case: str, runs: int, peer_runs: int) -> None:
    weights = arrays.layers(SIZES[case])
    taken = alternate(runs, ours=lambda: ours(weights), limit=lambda: limit(weights))
    peer, peer_name = torch_times("torch_prune", "global", peer_runs, SIZES[case])
    row(
        "mask_25m",
        case,
        statistics.median(taken["ours"]),
        statistics.median(peer) if peer else None,
        peer_name,
        statistics.median(taken["limit"]),
        runs=runs,
    )


def measure_memory() -> None:
    """Print the peak memory of making masks, without the weights; the limit is twice their size."""
    weights = arrays.layers(SIZES["25M"])
    size = sum(array.nbytes for array in weights.values())
    tracemalloc.start()
    masks = ours(weights)
    _, peak = tracemalloc.get_traced_memory()
    assert masks.removed == round(0.9 * masks.size)
    row("mask_25m", "25M peak memory", peak / 1e6, limit=2 * size / 1e6, unit="MB")


if __name__ == "__main__":
    for case in ("1M", "5M", "25M"):
        measure(case, runs=7, peer_runs=3)
    if "--all" in sys.argv:  # 1.5 GB
        measure("100M", runs=3, peer_runs=1)
    measure_memory()
