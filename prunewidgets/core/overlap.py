"""How many weights two masks keep in common, beside what chance would give."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from .masks import Masks


@dataclass(frozen=True, repr=False)
class MaskOverlap:
    """Which weights two masks keep; it prints as a sentence.

    Attributes:
        both: Number of weights that both keep.
        first: Number of weights that only the first keeps.
        second: Number of weights that only the second keeps.
        neither: Number of weights that neither keeps.
        by_chance: The mean of ``both`` if one mask's weights were at random places, as many in each layer.
        deviation: Standard deviation of ``both`` by chance.
    """

    both: int
    first: int
    second: int
    neither: int
    by_chance: float
    deviation: float

    @property
    def share(self) -> float:
        """The share of the first mask's weights that the second keeps too, 0 to 1; nan if it keeps none."""
        return self._of_first(self.both)

    @property
    def share_by_chance(self) -> float:
        """The mean of ``share`` by chance; nan if the first mask keeps nothing."""
        return self._of_first(self.by_chance)

    def _of_first(self, number: float) -> float:
        kept = self.both + self.first
        return number / kept if kept else float("nan")

    def __repr__(self) -> str:
        """Return a sentence: ``450 of the first's 500 weights are kept by both; by chance 250 ± 11``."""
        return (
            f"{self.both:,} of the first's {self.both + self.first:,} weights are kept by both; "
            f"by chance {self.by_chance:,.0f} ± {self.deviation:,.0f}"
        )


def mask_overlap(first: Any, second: Any) -> MaskOverlap:
    """Count the weights that two masks keep in common, and compute what chance would give.

    Two masks that keep most of a small layer share many weights there, whatever they were made for. So chance
    is computed layer by layer: as many weights of each layer as the masks keep, at places drawn at random. In
    a layer of n weights of which the masks keep a and b, that is a hypergeometric number with the mean
    a · b ÷ n and the variance a · b · (n − a) · (n − b) ÷ (n² · (n − 1)). Both are summed over the layers.

    Far more than chance does not mean that the masks were made for the same thing. Scores may share a factor,
    such as the size of the weight, and inputs that are always 0 leave weights that no mask needs.

    Args:
        first: Masks, {name: bool array, True = kept}, or one bool array.
        second: Masks of the same arrays. For one layer, give that layer of both.

    Returns:
        MaskOverlap, with ``.both``, ``.first``, ``.second``, ``.neither``, ``.by_chance``, ``.deviation``,
        ``.share`` and ``.share_by_chance``; it prints as a sentence.

    Raises:
        TypeError: If an array is not boolean.
        ValueError: If the names or the shapes differ.

    Example:
        >>> masks = pw.Masks.from_threshold(pw.score(pw.example.W), pw.example.TAU)
        >>> random = pw.Masks.from_sparsity(pw.score(pw.example.W, "random"), 0.5)
        >>> pw.mask_overlap(masks, masks)
        6 of the first's 6 weights are kept by both; by chance 3 ± 1
        >>> pw.mask_overlap(masks, random).share_by_chance
        0.5
    """
    one, other = (masks if isinstance(masks, Masks) else Masks(masks) for masks in (first, second))
    both = (one & other).kept  # refuses other names and shapes
    by_chance = variance = 0.0
    for name, mask in one.items():
        n, a, b = mask.size, int(np.count_nonzero(mask)), int(np.count_nonzero(other[name]))
        if n:
            by_chance += a * b / n
        if n > 1:
            variance += a * b * (n - a) * (n - b) / (n * n * (n - 1))
    only_first, only_second = one.kept - both, other.kept - both
    neither = one.size - both - only_first - only_second
    return MaskOverlap(both, only_first, only_second, neither, by_chance, sqrt(variance))
