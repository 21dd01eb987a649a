"""The worked example of chapter 01: a 3×4 weight matrix and its threshold τ.

Source: "剪枝技术：精简神经网络的有效方法" (pruning: an effective way to slim neural networks), section 4.3.
Only the matrix and τ are taken from there; chapter 01 derives the pruned matrix itself.

Example:
    >>> np.where(np.abs(pw.example.W) >= pw.example.TAU, pw.example.W, 0)
    array([[0.5, 0. , 0.8, 0. ],
           [0. , 0.6, 0.9, 0. ],
           [0. , 0.7, 0. , 0.6]])
"""

from typing import Final

import numpy as np

__all__ = ["TAU", "W"]

#: Weights, float64, shape (3, 4): rows are inputs, columns outputs. Read-only: every chapter uses the same.
W: Final[np.ndarray] = np.array(
    [
        [0.5, 0.2, 0.8, 0.3],
        [0.1, 0.6, 0.9, 0.4],
        [0.3, 0.7, 0.2, 0.6],
    ]
)
W.flags.writeable = False

#: The threshold: a weight is kept if its magnitude is at least τ.
TAU: Final[float] = 0.5
