"""The immediate checks of chapter 07: lottery tickets.

As in `checks.py`, the truth is computed here from its definition, with NumPy, whenever an answer is checked.
"""

from typing import Any

import checks
import numpy as np

import prunewidgets as pw
from prunewidgets.models import Accuracy  # keeps TensorFlow's greeting off the page


def known_before(answer: Any, initial: dict[str, np.ndarray], masks: pw.Masks) -> None:
    """Check which share of a ticket's weights was among the largest before training already."""
    sizes = np.concatenate([np.abs(initial[name]).ravel() for name in masks])
    kept = np.concatenate([masks[name].ravel() for name in masks])
    largest = sizes >= np.sort(sizes)[-np.count_nonzero(kept)]
    truth = np.mean(largest[kept])
    checks.check(
        answer,
        lambda share: abs(float(share) - truth) < 0.005,
        "which share of the ticket's weights is among the largest initial ones?",
        "Make masks of the initial values with Masks.from_sparsity, and count over all layers the places "
        "that both keep; divide by the number that the ticket keeps (a fraction from 0 to 1).",
        f"{truth:.3f}, where chance gives {1 - masks.sparsity:.3f}. The initial values know something, but "
        "most of the mask was learned.",
    )
