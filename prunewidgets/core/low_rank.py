"""Low rank: a matrix as the product of two thin ones, alone or plus a few individual weights.

A dense layer with a kernel of shape (m, n) costs m·n weights and as many multiply-adds; two layers of shapes
(m, r) and (r, n) cost r·(m + n), which is less if r < m·n ÷ (m + n). The product with the smallest sum of
squared differences is the truncated singular value decomposition (Eckart and Young 1936).
"""

from typing import Any, NamedTuple

import numpy as np

from .arrays import SINGLE, as_float, is_whole

__all__ = [
    "Factors",
    "SparsePlusLowRank",
    "rank_for_energy",
    "rank_for_parameters",
    "singular_values",
    "sparse_plus_low_rank",
    "split_kernel",
    "truncated_svd",
]


class Factors(NamedTuple):
    """Two thin matrices whose product replaces one matrix.

    Attributes:
        left: Shape (m, r), in the dtype of the matrix.
        right: Shape (r, n).

    Example:
        >>> factors = pw.low_rank.truncated_svd(pw.example.W, rank=1)
        >>> factors.rank, factors.parameters, factors.product.shape
        (1, 7, (3, 4))
    """

    left: np.ndarray
    right: np.ndarray

    @property
    def rank(self) -> int:
        """The rank r: the number of columns of `left`, and of rows of `right`."""
        return self.left.shape[1]

    @property
    def parameters(self) -> int:
        """The number of entries of both matrices together."""
        return self.left.size + self.right.size

    @property
    def product(self) -> np.ndarray:
        """The product of the two matrices, shape (m, n)."""
        return self.left @ self.right


def singular_values(matrix: Any) -> np.ndarray:
    """Return the singular values of a matrix, float64, largest first.

    Raises:
        ValueError: The array does not have two axes, is empty, or has NaN or infinite entries.

    Example:
        >>> pw.low_rank.singular_values(pw.example.W).round(2).tolist()
        [1.68, 0.62, 0.36]
    """
    return np.linalg.svd(_matrix(matrix).astype(np.float64), compute_uv=False)


def truncated_svd(matrix: Any, rank: int) -> Factors:
    """Return the nearest matrix of a given rank, as two factors of similar magnitude.

    Args:
        matrix: Shape (m, n), real numbers.
        rank: From 1 to min(m, n).

    Returns:
        left and right, each scaled by the square roots of the singular values, so that neither holds much
        larger numbers than the other.

    Raises:
        ValueError: Not a matrix, or a rank that is not from 1 to min(m, n).

    Example:
        >>> factors = pw.low_rank.truncated_svd(pw.example.W, rank=2)
        >>> factors.left.shape, factors.right.shape, factors.parameters
        ((3, 2), (2, 4), 14)
        >>> factors.product.round(2)
        array([[0.3 , 0.27, 0.86, 0.26],
               [0.34, 0.52, 0.83, 0.45],
               [0.21, 0.73, 0.23, 0.58]])

    Source: Eckart and Young, "The approximation of one matrix by another of lower rank" (1936); for the
        layers of a network: Denton et al., "Exploiting linear structure within convolutional networks"
        (2014), section 3.
    """
    array = _matrix(matrix)
    _check_rank(rank, array.shape)
    return _cut(array, int(rank))


def rank_for_energy(matrix: Any, energy: float) -> int:
    """Return the smallest rank that keeps this share of the energy, the sum of the squared entries.

    Args:
        matrix: Shape (m, n).
        energy: The share to keep, above 0 and at most 1.

    Raises:
        ValueError: Not a matrix, or an energy outside this range.

    Example:
        >>> [pw.low_rank.rank_for_energy(pw.example.W, share) for share in (0.8, 0.9, 0.99)]
        [1, 2, 3]
    """
    if not 0 < energy <= 1:
        raise ValueError(f"energy {energy!r} is not a share above 0 and at most 1; 0.9 keeps 90 %.")
    return smallest_rank(singular_values(matrix), energy)


def smallest_rank(values: np.ndarray, energy: float) -> int:
    """Return `rank_for_energy` from singular values that are already known; at least 1."""
    kept = np.cumsum(np.square(values))
    # An energy of 1 means all of it; rounding must not lead to more than there are.
    return min(int(np.searchsorted(kept, energy * kept[-1])) + 1, len(values))


def rank_for_parameters(shape: tuple[int, int], parameters: int) -> int:
    """Return the largest rank whose two factors have at most this many entries.

    Args:
        shape: Of the matrix, (m, n).
        parameters: The most entries that both factors may have together.

    Raises:
        ValueError: Not even rank 1 fits.

    Example:
        >>> pw.low_rank.rank_for_parameters((300, 100), 10_000)
        25
    """
    m, n = shape
    rank = min(int(parameters) // (m + n), m, n)
    if rank < 1:
        raise ValueError(
            f"{parameters:,} parameters are too few for a matrix of shape {m} × {n}: rank 1 takes {m + n:,}."
        )
    return rank


def split_kernel(kernel: Any, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Split a 2-D convolution into two: the same window with few output channels, then 1 × 1 to all of them.

    This is the truncated SVD of the kernel as a matrix of shape (height·width·in, out), so no other such pair
    is closer to the kernel. Give strides, padding and dilation to the first convolution, bias and activation
    to the second.

    Args:
        kernel: Shape (height, width, in, out).
        rank: The number of channels in between, from 1 to min(height·width·in, out).

    Returns:
        Kernels of shapes (height, width, in, rank) and (1, 1, rank, out).

    Raises:
        ValueError: The kernel does not have four axes, or the rank is out of range.

    Example:
        >>> kernel = np.random.default_rng(0).normal(size=(3, 3, 16, 32))
        >>> [part.shape for part in pw.low_rank.split_kernel(kernel, rank=8)]
        [(3, 3, 16, 8), (1, 1, 8, 32)]

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
    """A matrix as the sum of a product of two thin ones and a few individual weights.

    Attributes:
        factors: The low-rank part.
        sparse: The individual weights: an array of the shape of the matrix, zero everywhere else.

    Example:
        >>> parts = pw.low_rank.sparse_plus_low_rank(pw.example.W, rank=1, nonzeros=2)
        >>> parts.factors.parameters, parts.parameters, parts.total.shape
        (7, 9, (3, 4))
    """

    factors: Factors
    sparse: np.ndarray

    @property
    def parameters(self) -> int:
        """The number of entries of the factors plus nonzeros of `sparse`; positions are not counted."""
        return self.factors.parameters + int(np.count_nonzero(self.sparse))

    @property
    def total(self) -> np.ndarray:
        """The sum of both parts, shape (m, n)."""
        return self.factors.product + self.sparse


def sparse_plus_low_rank(matrix: Any, rank: int, nonzeros: int, rounds: int = 20) -> SparsePlusLowRank:
    """Split a matrix into a low-rank part and individual weights, fitted in turn.

    Neither step can increase the squared difference. The result is good, but not always the best possible.

    Args:
        matrix: Shape (m, n).
        rank: Of the low-rank part, from 1 to min(m, n).
        nonzeros: The number of individual weights, from 0 to m·n.
        rounds: How many times both parts are fitted.

    Raises:
        ValueError: Not a matrix, a rank out of range, more nonzeros than entries, or less than one round.

    Example:
        >>> parts = pw.low_rank.sparse_plus_low_rank(np.eye(3) + np.ones((3, 3)), rank=1, nonzeros=3)
        >>> parts.sparse.round(2) + 0.0
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]])
        >>> parts.factors.product.round(2)
        array([[1., 1., 1.],
               [1., 1., 1.],
               [1., 1., 1.]])

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
    """Return the array with all but its `count` largest magnitudes set to zero; ties keep the later entry."""
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
