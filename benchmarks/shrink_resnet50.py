"""ResNet-50 at 224 pixels: build it, choose half of the filters by L2 norm, and rewrite it smaller.

The first row contains building the whole network, in Keras and in PyTorch; the second does not.
"""

import statistics
import sys

import keras

import prunewidgets as pw
from prunewidgets.models.shrinking.shrink import shrink
from prunewidgets.models.shrinking.unit_scores import unit_score

from .common import row, seconds
from .peers.environment import torch_times


def build() -> keras.Model:
    keras.backend.clear_session()
    return keras.applications.ResNet50(weights=None)


def score_and_shrink(model: keras.Model) -> None:
    small = shrink(model, pw.Masks.from_sparsity(unit_score(model, criterion="l2"), 0.5, scope="layer"))
    print(f"{model.count_params():,} to {small.count_params():,} parameters", file=sys.stderr)


def once(whole: bool) -> float:
    """Return the seconds of one run, with or without building the network."""
    if whole:
        return seconds(lambda: score_and_shrink(build()))
    model = build()
    return seconds(lambda: score_and_shrink(model))


if __name__ == "__main__":
    runs = 5
    once(whole=True)
    for case, part in (("224 pixels, build and rewrite", "all"), ("224 pixels, rewrite", "prune")):
        taken = [once(whole=part == "all") for _ in range(runs)]
        peer, peer_name = torch_times("torch_pruning_resnet50", runs, part)
        row(
            "shrink_resnet50",
            case,
            statistics.median(taken),
            statistics.median(peer) if peer else None,
            peer_name,
            runs=runs,
        )
