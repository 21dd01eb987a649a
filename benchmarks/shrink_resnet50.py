"""ResNet-50 at 224 pixels: build it, choose half of the filters by L2 norm, and rewrite it smaller.

The first row contains building the whole network, in Keras and in PyTorch; the second does not. The limit is
what Keras takes to copy the layers of the smaller network, with new weights: ``clone_model``.
"""

import statistics
import sys
import time

import keras
import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models.shrinking.shrink import shrink
from prunewidgets.models.shrinking.unit_scores import unit_score

from .common import row
from .peers.environment import torch_times


def once() -> dict[str, float]:
    """Return the seconds of building, of choosing and rewriting, and of Keras's own copy of the result."""
    keras.backend.clear_session()
    times = [time.perf_counter()]
    model = keras.applications.ResNet50(weights=None)
    times.append(time.perf_counter())
    small = shrink(model, pw.Masks.from_sparsity(unit_score(model, criterion="l2"), 0.5, scope="layer"))
    times.append(time.perf_counter())
    keras.models.clone_model(small)
    times.append(time.perf_counter())
    print(f"{model.count_params():,} to {small.count_params():,} parameters", file=sys.stderr)
    return dict(zip(("build", "rewrite", "clone"), np.diff(times).tolist(), strict=True))


if __name__ == "__main__":
    runs = 5
    once()
    taken = pd.DataFrame([once() for _ in range(runs)])
    taken["whole"] = taken["build"] + taken["rewrite"]
    taken["whole limit"] = taken["build"] + taken["clone"]
    ours = taken.median()
    for case, part, column, limit in (
        ("224 pixels, build and rewrite", "all", "whole", "whole limit"),
        ("224 pixels, rewrite", "prune", "rewrite", "clone"),
    ):
        peer, peer_name = torch_times("torch_pruning_resnet50", runs, part)
        peer_median = statistics.median(peer) if peer else None
        row("shrink_resnet50", case, ours[column], peer_median, peer_name, ours[limit], runs=runs)
