"""ResNet-50 at 224 pixels: build it, choose half of the filters by L2 norm, and rewrite it smaller."""

import statistics
import sys

import keras

import prunewidgets as pw
from prunewidgets.models.shrinking.shrink import shrink
from prunewidgets.models.shrinking.unit_scores import unit_score

from .common import row, seconds
from .peers.environment import torch_times


def build_and_shrink() -> None:
    keras.backend.clear_session()
    model = keras.applications.ResNet50(weights=None)
    small = shrink(model, pw.Masks.from_sparsity(unit_score(model, criterion="l2"), 0.5, scope="layer"))
    print(f"{model.count_params():,} to {small.count_params():,} parameters", file=sys.stderr)


if __name__ == "__main__":
    runs = 5
    build_and_shrink()
    taken = [seconds(build_and_shrink) for _ in range(runs)]
    peer, peer_name = torch_times("torch_pruning_resnet50", runs)
    row(
        "shrink_resnet50",
        "224 pixels, build and rewrite",
        statistics.median(taken),
        statistics.median(peer) if peer else None,
        peer_name,
        runs=runs,
    )
