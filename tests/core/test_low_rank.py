"""Low rank against what is known of singular values, and against sums worked out by hand."""

import numpy as np
import pytest

from prunewidgets import low_rank

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(12, 8)).astype(np.float32)


def error(matrix, other) -> float:
    return float(np.sum((np.asarray(matrix, np.float64) - other) ** 2))


@pytest.mark.parametrize("rank", [1, 3, 8])
def test_the_truncated_svd_leaves_the_squares_of_the_smaller_singular_values(rank):
    """Eckart and Young: what is missing is exactly that, and no matrix of this rank is nearer."""
    factors = low_rank.truncated_svd(MATRIX, rank)
    values = np.linalg.svd(MATRIX.astype(np.float64), compute_uv=False)
    assert factors.left.shape == (12, rank) and factors.right.shape == (rank, 8)
    assert factors.left.dtype == np.float32
    assert factors.rank == rank and factors.parameters == rank * 20
    assert error(MATRIX, factors.product) == pytest.approx(np.sum(values[rank:] ** 2), abs=1e-5)


def test_a_matrix_of_rank_one_is_the_product_of_its_factors():
    outer = np.outer([1.0, 2.0, 3.0], [4.0, 5.0])
    factors = low_rank.truncated_svd(outer, 1)
    assert np.allclose(factors.product, outer)
    assert np.linalg.norm(factors.left) == pytest.approx(np.linalg.norm(factors.right))


def test_energy_and_parameters_choose_the_rank():
    diagonal = np.diag([4.0, 2.0, 1.0, 0.0])  # energies 16, 4, 1, 0 of 21
    assert [low_rank.rank_for_energy(diagonal, e) for e in (0.5, 0.76, 0.77, 0.95, 0.96, 1)] == [
        1,
        1,
        2,
        2,
        3,
        3,
    ]
    assert low_rank.rank_for_energy(np.zeros((3, 2)), 0.9) == 1
    assert low_rank.rank_for_parameters((784, 300), 10_839) == 9
    assert low_rank.rank_for_parameters((784, 300), 10_840) == 10
    assert low_rank.rank_for_parameters((2, 3), 1000) == 2


def test_a_split_convolution_is_the_svd_of_its_kernel():
    """The two kernels, multiplied over the channels in between, are the nearest of that rank."""
    kernel = RNG.normal(size=(3, 3, 4, 6))
    first, second = low_rank.split_kernel(kernel, 2)
    assert first.shape == (3, 3, 4, 2) and second.shape == (1, 1, 2, 6)
    together = np.einsum("hwir,ro->hwio", first, second[0, 0])
    values = np.linalg.svd(kernel.reshape(36, 6), compute_uv=False)
    assert error(kernel, together) == pytest.approx(np.sum(values[2:] ** 2))


def test_sparse_plus_low_rank_recovers_the_parts_of_a_sum():
    made = np.outer(np.arange(11.0, 21), np.ones(8))
    spikes = np.zeros((10, 8))
    spikes[[1, 4, 7], [2, 5, 0]] = [5.0, -4.0, 6.0]
    both = low_rank.sparse_plus_low_rank(made + spikes, rank=1, nonzeros=3)
    assert np.allclose(both.total, made + spikes, atol=1e-6)
    assert np.array_equal(both.sparse != 0, spikes != 0)
    assert both.parameters == 18 + 3


def test_each_round_reduces_the_error_below_that_of_low_rank_alone():
    errors = [
        error(MATRIX, low_rank.sparse_plus_low_rank(MATRIX, 2, 10, rounds).total) for rounds in (1, 2, 5, 20)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] < error(MATRIX, low_rank.truncated_svd(MATRIX, 2).product)


def test_a_rank_may_be_a_whole_number_of_type_float():
    assert low_rank.truncated_svd(MATRIX, 4 / 2).rank == 2
    assert low_rank.sparse_plus_low_rank(MATRIX, 2.0, 4.0).parameters == 2 * 20 + 4


def test_without_nonzeros_it_is_low_rank_alone():
    both = low_rank.sparse_plus_low_rank(MATRIX, 3, 0)
    assert not both.sparse.any()
    assert np.allclose(both.total, low_rank.truncated_svd(MATRIX, 3).product, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: low_rank.truncated_svd(MATRIX, 0), "rank 0 .* 1 to 8"),
        (lambda: low_rank.truncated_svd(MATRIX, 9), "rank 9 .* 12 × 8"),
        (lambda: low_rank.truncated_svd(MATRIX, 1.5), "whole number"),
        (lambda: low_rank.truncated_svd(MATRIX, None), "rank None"),
        (lambda: low_rank.truncated_svd(MATRIX, float("nan")), "rank nan"),
        (lambda: low_rank.truncated_svd(MATRIX[0], 1), "not a matrix"),
        (lambda: low_rank.truncated_svd([[np.nan, 1.0]], 1), "1 NaN"),
        (lambda: low_rank.rank_for_energy(MATRIX, 0), "energy 0"),
        (lambda: low_rank.rank_for_energy(MATRIX, 90), "energy 90"),
        (lambda: low_rank.rank_for_parameters((784, 300), 1083), "rank 1 takes 1,084"),
        (lambda: low_rank.split_kernel(MATRIX, 1), "four axes"),
        (lambda: low_rank.sparse_plus_low_rank(MATRIX, 1, 97), "0 to 96"),
        (lambda: low_rank.sparse_plus_low_rank(MATRIX, 1, 2.5), "nonzeros 2.5"),
        (lambda: low_rank.sparse_plus_low_rank(MATRIX, 1, 5, rounds=0), "rounds 0"),
    ],
)
def test_impossible_requests_are_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
