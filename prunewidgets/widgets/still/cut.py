"""What a threshold removes from the weights of a view, counted as NumPy counts it, and said in a sentence."""

from typing import Any, NamedTuple

import numpy as np

from ...core.thresholds import count_below
from ..buffers import sampled, sampling
from .texts import grouped, percent, say

MOST_DRAWN = 300_000
"""Most weights that a picture draws; of more it shows a sample. Counts are always exact."""


class Part(NamedTuple):
    """The weights of one layer that a picture shows.

    Attributes:
        name: the layer.
        weights: an array, or a sample of it.
        scores: of the same places.
        threshold: τ of the layer, in the dtype that all scores are compared in.
        size: number of weights in the layer.
    """

    name: str
    weights: np.ndarray
    scores: np.ndarray
    threshold: np.floating
    size: int

    @property
    def kept(self) -> np.ndarray:
        """Whether each weight is kept."""
        return self.scores >= self.threshold


def threshold_of(view: Any, layer: str) -> float:
    """Return τ of a layer; in most views all layers share one."""
    return float(view.threshold_of(layer) if hasattr(view, "threshold_of") else view.threshold)


def parts(view: Any, layer: str = "") -> list[Part]:
    """Return the layers of a view, or the named one."""
    arrays, scores, ordered, _ = view._ranked
    names = [layer] if layer else list(arrays)
    total = sum(arrays[name].size for name in names)
    share = min(1.0, MOST_DRAWN / total) if total else 1.0
    found = []
    for name in names:
        steps = sampling(arrays[name].shape, share)
        cut = ordered.dtype.type(threshold_of(view, name))
        weights, own = sampled(arrays[name], steps), sampled(scores[name], steps)
        found.append(Part(name, weights, own, cut, arrays[name].size))
    return found


def removed_from(view: Any, layer: str) -> int:
    """Return how many weights of a layer are removed."""
    _, scores, ordered, _ = view._ranked
    return int(np.count_nonzero(scores[layer] < ordered.dtype.type(threshold_of(view, layer))))


def removed(view: Any) -> int:
    """Return how many weights of a view are removed."""
    if getattr(view, "scope", "global") == "layer":
        return int(sum(view.removed_per_layer()))
    return count_below(view._ranked.ordered, view.threshold)


def tau(view: Any) -> str:
    """Return the threshold of a view as text, with as many digits as were given."""
    return f"{view.threshold:.6g}"


def cut_sentence(view: Any, layer: str = "") -> str:
    """Return what is removed of all weights, and of a layer if there are others."""
    gone, total = removed(view), view._ranked.ordered.size
    counts = {"removed": grouped(gone), "total": grouped(total), "share": percent(gone / max(total, 1))}
    each = getattr(view, "scope", "global") == "layer"
    sentence = say(view, "still_cut_each" if each else "still_cut", threshold=tau(view), **counts)
    if not layer or (len(view._ranked.arrays) < 2 and not each):
        return sentence
    size, own = view._ranked.arrays[layer].size, removed_from(view, layer)
    own_counts = {"removed": grouped(own), "total": grouped(size), "threshold": tau(view)}
    return f"{sentence} {say(view, 'still_in_layer', layer=layer, **own_counts)}"


def sample_note(view: Any, shown: list[Part]) -> str:
    """Return what a title adds where only a sample is drawn, else nothing."""
    drawn, size = sum(part.weights.size for part in shown), sum(part.size for part in shown)
    return "" if drawn == size else " — " + say(view, "sampled", shown=grouped(drawn), size=grouped(size))
