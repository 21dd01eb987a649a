"""Low rank: a matrix as the product of two thin ones, alone or with a few single weights beside it.

A dense layer with a kernel of shape (m, n) costs m·n weights and as many multiply-adds; two layers of shapes
(m, r) and (r, n) cost r·(m + n), which is less as long as r < m·n ÷ (m + n). The best such product, in the
sum of squared differences, is the truncated singular value decomposition (Eckart and Young 1936).
"""

from typing import Any, NamedTuple

import numpy as np

from .arrays import SINGLE, as_float, is_whole


class Factors(NamedTuple):
    """Two thin matrices in place of one.

    Attributes:
        left: Shape (m, r), in the dtype of the matrix.
        right: Shape (r, n).
    """

    left: np.ndarray
    right: np.ndarray

    @property
    def rank(self) -> int:
        """The width r between the two."""
        return self.left.shape[1]

    @property
    def parameters(self) -> int:
        """How many numbers the two matrices hold together."""
        return self.left.size + self.right.size

    @property
    def product(self) -> np.ndarray:
        """The matrix that they stand for, shape (m, n)."""
        return self.left @ self.right


def singular_values(matrix: Any) -> np.ndarray:
    """The singular values of a matrix, float64, largest first.

    Raises:
        ValueError: Not two axes, no entries, NaN or infinite entries.
    """
    return np.linalg.svd(_matrix(matrix).astype(np.float64), compute_uv=False)


def truncated_svd(matrix: Any, rank: int) -> Factors:
    """The nearest matrix of a given rank, as two factors of equal size.

    Args:
        matrix: Shape (m, n), real numbers.
        rank: From 1 to min(m, n).

    Returns:
        left and right, each with the square roots of the singular values in it, so that neither holds much
        larger numbers than the other.

    Raises:
        ValueError: Not a matrix, or a rank that it does not have.

    Source: Eckart and Young, "The approximation of one matrix by another of lower rank" (1936); for the
        layers of a network: Denton et al., "Exploiting linear structure within convolutional networks"
        (2014), section 3.
    """
    array = _matrix(matrix)
    _check_rank(rank, array.shape)
    return _cut(array, int(rank))


def rank_for_energy(matrix: Any, energy: float) -> int:
    """The smallest rank that keeps this share of the energy, the sum of the squared entries.

    Args:
        matrix: Shape (m, n).
        energy: Above 0, at most 1.

    Raises:
        ValueError: Not a matrix, or an energy that is no such share.
    """
    if not 0 < energy <= 1:
        raise ValueError(f"energy {energy!r} is not a share above 0 and at most 1; 0.9 keeps 90 %.")
    return smallest_rank(singular_values(matrix), energy)


def smallest_rank(values: np.ndarray, energy: float) -> int:
    """`rank_for_energy` from the singular values, where they are known already; at least 1."""
    kept = np.cumsum(np.square(values))
    # 1 means all of it, and rounding must not ask for more than there is.
    return min(int(np.searchsorted(kept, energy * kept[-1])) + 1, len(values))


def rank_for_parameters(shape: tuple[int, int], parameters: int) -> int:
    """The largest rank whose two factors hold at most so many numbers.

    Raises:
        ValueError: Not even rank 1 fits.
    """
    m, n = shape
    rank = min(int(parameters) // (m + n), m, n)
    if rank < 1:
        raise ValueError(
            f"{parameters:,} parameters are too few for a matrix of shape {m} × {n}: rank 1 takes {m + n:,}."
        )
    return rank


def split_kernel(kernel: Any, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """A 2-D convolution as two: the same window to few channels, then 1 × 1 to all of them.

    It is the truncated SVD of the kernel as a matrix of shape (height·width·in, out), so of all such pairs it
    is the nearest to the kernel. Strides, padding and dilation belong to the first, bias and activation to
    the second.

    Args:
        kernel: Shape (height, width, in, out).
        rank: Channels in between, from 1 to min(height·width·in, out).

    Returns:
        Kernels of shapes (height, width, in, rank) and (1, 1, rank, out).

    Raises:
        ValueError: Not four axes, or a rank that it does not have.

    Source: Zhang et al., "Accelerating very deep convolutional networks for classification and detection"
        (2016), section 3.1, without its correction for the nonlinearity.
    """
    array = as_float(kernel, SINGLE)
    if array.ndim != 4:
        raise ValueError(
            f"a 2-D convolution's kernel has four axes (height, width, in, out), not {array.ndim}."
        )
    left, right = truncated_svd(array.reshape(-1, array.shape[-1]), rank)
    return left.reshape(*array.shape[:-1], rank), right.reshape(1, 1, rank, -1)


class SparsePlusLowRank(NamedTuple):
    """A matrix as a product of two thin ones and a few single weights.

    Attributes:
        factors: The low-rank part.
        sparse: Shape of the matrix; zero but for the chosen number of weights.
    """

    factors: Factors
    sparse: np.ndarray

    @property
    def parameters(self) -> int:
        """Numbers of the factors and nonzero single weights; where these stand is not counted."""
        return self.factors.parameters + int(np.count_nonzero(self.sparse))

    @property
    def total(self) -> np.ndarray:
        """The matrix that both stand for together."""
        return self.factors.product + self.sparse


def sparse_plus_low_rank(matrix: Any, rank: int, nonzeros: int, rounds: int = 20) -> SparsePlusLowRank:
    """Split a matrix into a low-rank part and single weights: first one is fitted, then the other, in turn.

    Neither step can make the squared difference larger. It ends somewhere good, not always at the best.

    Args:
        matrix: Shape (m, n).
        rank: Of the low-rank part, from 1 to min(m, n).
        nonzeros: How many single weights beside it, from 0 to m·n.
        rounds: How often both are fitted.

    Raises:
        ValueError: Not a matrix, a rank that it does not have, more nonzeros than places.

    Source: Zhou and Tao, "GoDec: randomized low-rank and sparse matrix decomposition in noisy case" (2011),
        section 2, equation 2, with an exact SVD.
    """
    array = _matrix(matrix)
    _check_rank(rank, array.shape)
    if not is_whole(nonzeros, 0, array.size):
        raise ValueError(f"nonzeros {nonzeros!r} is not a whole number from 0 to {array.size:,}.")
    if rounds < 1:
        raise ValueError(f"rounds {rounds!r} is less than 1.")
    wide = array.astype(np.float64)
    sparse = np.zeros_like(wide)
    for _ in range(rounds):
        factors = _cut(wide - sparse, int(rank))
        sparse = _largest(wide - factors.product, int(nonzeros))
    return SparsePlusLowRank(
        Factors(*(part.astype(array.dtype) for part in factors)), sparse.astype(array.dtype)
    )


def _cut(array: np.ndarray, rank: int) -> Factors:
    u, s, v = np.linalg.svd(array.astype(np.float64), full_matrices=False)
    root = np.sqrt(s[:rank])
    return Factors((u[:, :rank] * root).astype(array.dtype), (root[:, None] * v[:rank]).astype(array.dtype))


def _largest(array: np.ndarray, count: int) -> np.ndarray:
    """The array with all but its `count` largest magnitudes set to zero; of ties the later stay."""
    kept = np.argsort(np.abs(array), axis=None, kind="stable")[array.size - count :]
    result = np.zeros_like(array)
    result.flat[kept] = array.flat[kept]
    return result


def _matrix(values: Any) -> np.ndarray:
    array = as_float(values, SINGLE)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"an array of shape {array.shape} is not a matrix with rows and columns; reshape it, as in "
            "kernel.reshape(-1, kernel.shape[-1])."
        )
    return array


def _check_rank(rank: int, shape: tuple[int, ...]) -> None:
    if not is_whole(rank, 1, min(shape)):
        raise ValueError(
            f"rank {rank!r} is not a whole number from 1 to {min(shape)}, which is what a matrix of shape "
            f"{shape[0]} × {shape[1]} can have."
        )
